import type { FastifyReply, FastifyRequest } from 'fastify';
import { NOT_DONE, type Fault } from '../faults.js';
import type { GatewayParts } from '../gateway.js';
import { refusalPage } from '../pages/refusal-page.js';
import { spoilt } from '../spoil.js';
import { answerCall, methodOf, refused, type Answer, type Entrance } from './answer-call.js';
import type { UnionPayContext } from './context.js';
import type { SigningKeys } from './credentials.js';
import { answerText, fieldsOfForm, type Fields } from './message.js';
import { Refused } from './refused.js';
import { reasonOf, SUCCESS } from './resp-codes.js';
import { certified, signed } from './signing.js';

const BUSY = '06';

/** From the bytes of a request to the bytes of an answer, with what a test planted in between. */
export class UnionPayWire {
  constructor(
    private readonly unionpay: UnionPayContext,
    private readonly parts: Pick<GatewayParts, 'faults' | 'requests' | 'origin'>,
    private readonly keys: SigningKeys,
  ) {}

  async serve(entrance: Entrance, request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const fields = fieldsOfForm(Buffer.isBuffer(request.body) ? request.body.toString('utf8') : '');
    const fault = this.parts.faults.take('unionpay', methodOf(entrance, fields) ?? '');
    const answer = this.answer(entrance, fields, fault);
    this.log(entrance, fields, answer, fault);
    if (fault?.kind === 'delay') await this.parts.faults.wait(fault);
    return (fault && spoilt(request, reply, fault.kind)) ?? this.send(reply, answer, fault);
  }

  /** Null where the gateway never came to an answer. */
  private answer(entrance: Entrance, fields: Fields, fault: Fault | undefined): Answer | null {
    const said = fault && saidInstead(fault);
    // About a transaction that a question is about, a test may have anything said: `00/05` answers the question with 05.
    const [asked, origRespCode] = said?.split('/') ?? [];
    if (asked === SUCCESS) return answerCall(entrance, fields, this.unionpay, origRespCode);
    const instead = asked === undefined ? undefined : refused(entrance, fields, new Refused(asked, reasonOf(asked)));
    if (fault && NOT_DONE.has(fault.kind)) return instead ?? null;
    const answer = answerCall(entrance, fields, this.unionpay);
    return instead ?? answer;
  }

  private send(reply: FastifyReply, answer: Answer | null, fault: Fault | undefined): FastifyReply {
    if (answer === null) throw new Error('A fault that leaves no answer must send its own.');
    const html = reply.type('text/html;charset=UTF-8');
    switch (answer.kind) {
      case 'redirect':
        return reply.redirect(`${this.parts.origin()}/pay/${answer.trade.outTradeNo}`, 302);
      case 'page':
        return html.send(refusalPage(answer.refused.respCode, answer.refused.reason));
      case 'fields':
        return html.send(answerText(this.sealed(answer.fields, fault)));
    }
  }

  private sealed(fields: Fields, fault: Fault | undefined): Fields {
    if (fault?.kind === 'unsigned') return certified(fields, this.keys.gateway);
    return signed(fields, fault?.kind === 'wrong_signature' ? this.keys.otherKey : this.keys.gateway);
  }

  private log(entrance: Entrance, fields: Fields, answer: Answer | null, fault: Fault | undefined): void {
    const said = answer?.kind === 'fields' ? answer.fields : {};
    const code = answer?.kind === 'page' ? answer.refused.respCode : answer?.kind === 'redirect' ? SUCCESS : (said.respCode ?? null);
    this.parts.requests.add({
      at: this.unionpay.clock().toISOString(),
      gateway: 'unionpay',
      method: methodOf(entrance, fields),
      ...this.numbersOf(fields),
      code,
      subCode: said.origRespCode ?? null,
      fault: fault?.kind ?? null,
    });
  }

  /** Refunds and cancels have numbers like payments; the log shows them under the payment that they are about. */
  private numbersOf({ orderId, origQryId, queryId }: Fields): { outTradeNo: string | null; outRequestNo: string | null } {
    const { ledger } = this.unionpay;
    const number = orderId?.slice(0, 40) ?? null;
    const known = ledger.refundByNumber('unionpay', number ?? '');
    if (known) return { outTradeNo: known.outTradeNo, outRequestNo: number };
    if (origQryId) return { outTradeNo: ledger.tradeByNo(origQryId)?.outTradeNo ?? null, outRequestNo: number };
    return { outTradeNo: number ?? ledger.tradeByNo(queryId ?? '')?.outTradeNo ?? null, outRequestNo: null };
  }
}

function saidInstead(fault: Fault): string | undefined {
  if (fault.kind === 'declined') return fault.subCode ?? BUSY;
  return fault.kind === 'system_error' || fault.kind === 'system_error_done' ? (fault.subCode ?? BUSY) : undefined;
}
