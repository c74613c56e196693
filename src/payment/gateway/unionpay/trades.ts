import type { Clock } from '../../../kernel/clock.js';
import type { RefundRequest } from '../gateway.js';
import type { GatewayClient } from '../http-client.js';
import { Message, reasonOf } from './message.js';
import { found, sent, unknown, type Found, type NotNow, type Sent, type Unknown } from './outcomes.js';
import { parseAnswerBody } from './answer-body.js';
import { giveBackFields, queryFields, type TradeName } from './requests.js';
import { signFields, type Signer, type TextFields } from './signing.js';
import { messageFlaw, type TrustAnchors } from './verification.js';

const QUERY_PATH = '/gateway/api/queryTrans.do';
const BACK_PATH = '/gateway/api/backTransReq.do';

export interface Merchant extends Signer {
  readonly merId: string;
}

/** The transactions of one merchant at UnionPay: asked about by name, and sent once each. */
export class Trades {
  constructor(
    private readonly merchant: Merchant,
    private readonly anchors: TrustAnchors,
    private readonly client: GatewayClient,
    private readonly clock: Clock,
  ) {}

  async ask(name: TradeName): Promise<Found> {
    const reply = await this.post(QUERY_PATH, queryFields(name, this.merchant.merId));
    return reply.kind === 'message' ? found(reply, name, this.merchant.merId, this.clock.now()) : reply;
  }

  /** Sends a refund or a cancel under a name. */
  async giveBack(name: TradeName, refund: RefundRequest, origQryId: string): Promise<Sent> {
    const reply = await this.post(BACK_PATH, giveBackFields(name, refund, origQryId, this.merchant.merId));
    return reply.kind === 'message' ? sent(reply, name, this.merchant.merId) : reply;
  }

  private async post(path: string, fields: TextFields): Promise<Message | Unknown | NotNow> {
    const result = await this.client.send({
      method: 'POST',
      path,
      headers: { 'content-type': 'application/x-www-form-urlencoded; charset=UTF-8' },
      body: new URLSearchParams([...(await signFields(fields, this.merchant))]).toString(),
    });
    if (result.kind === 'not_sent') return { kind: 'not_now', reason: result.reason };
    if (result.kind === 'no_answer') return unknown(result.cause);
    if (result.status !== 200) return unknown(`UnionPay answered with HTTP status ${result.status}`);
    return readAnswer(result.body, this.anchors, this.clock.now());
  }
}

/** The answer in the bytes of a response. One whose signature does not hold is worth nothing, not even where it refuses. */
export async function readAnswer(body: Buffer, anchors: TrustAnchors, at: Date): Promise<Message | Unknown> {
  const fields = parseAnswerBody(body);
  if (typeof fields === 'string') return unknown(fields);
  const flaw = await messageFlaw(fields, anchors, at);
  if (flaw === undefined) return new Message(fields);
  // A merchant that UnionPay does not know may get an unsigned answer. What it says settles nothing, and may help a person.
  return unknown(`the answer is not to be believed, because ${flaw.says} (it says ${reasonOf(fields, 'respCode')})`);
}
