import type { FastifyReply, FastifyRequest } from 'fastify';
import { NOT_DONE, type Fault } from '../faults.js';
import { refusalPage } from '../pages/refusal-page.js';
import { spoilt } from '../spoil.js';
import type { Stranger } from '../stranger.js';
import { answerText } from './answer.js';
import { answerCall, refusal, type Answer } from './answer-call.js';
import { BizContent } from './biz-content.js';
import { parametersOf } from './call.js';
import type { AlipayContext } from './context.js';
import { Refused } from './refused.js';
import type { Parameters } from './signing.js';

/** `gateway.do`: from the bytes of a request to the bytes of an answer, with what a test planted in between. */
export class AlipayWire {
  constructor(
    private readonly alipay: AlipayContext,
    private readonly stranger: Stranger,
  ) {}

  async serve(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const query = request.url.includes('?') ? request.url.slice(request.url.indexOf('?') + 1) : '';
    const parameters = parametersOf(query, Buffer.isBuffer(request.body) ? request.body.toString('utf8') : '');
    const fault = this.alipay.faults.take('alipay', parameters.method ?? '');
    const answer = this.answer(parameters, fault);
    this.log(parameters, answer, fault);
    if (fault?.kind === 'delay') await this.alipay.faults.wait(fault);
    return fault ? this.spoil(request, reply, answer, fault) : this.send(reply, answer);
  }

  /** Null where the gateway never came to an answer. */
  private answer(parameters: Parameters, fault: Fault | undefined): Answer | null {
    const instead = fault && refusedBy(fault);
    if (fault && NOT_DONE.has(fault.kind)) return instead ? refusal(parameters, instead, this.alipay) : null;
    const answer = answerCall(parameters, this.alipay);
    return instead ? refusal(parameters, instead, this.alipay) : answer;
  }

  private async spoil(request: FastifyRequest, reply: FastifyReply, answer: Answer | null, fault: Fault): Promise<FastifyReply> {
    const spoiltReply = spoilt(request, reply, fault.kind);
    if (spoiltReply) return spoiltReply;
    if (answer?.kind !== 'json' || answer.key === null) return this.send(reply, answer);
    if (fault.kind === 'unsigned') return this.send(reply, { ...answer, key: null });
    if (fault.kind !== 'wrong_signature') return this.send(reply, answer);
    return this.send(reply, { ...answer, key: { ...answer.key, privateKey: await this.stranger.privateKey() } });
  }

  private send(reply: FastifyReply, answer: Answer | null): FastifyReply {
    if (answer === null) throw new Error('A fault that leaves no answer must send its own.');
    if (answer.kind === 'redirect') return reply.redirect(`${this.alipay.origin()}/pay/${answer.trade.outTradeNo}`, 302);
    const html = reply.type('text/html;charset=utf-8');
    if (answer.kind === 'page') return html.send(refusalPage(answer.refused.subCode, answer.refused.subMessage));
    return html.send(answerText(answer.node, answer.fields, answer.key));
  }

  private log(parameters: Parameters, answer: Answer | null, fault: Fault | undefined): void {
    const fields =
      answer?.kind === 'json' ? answer.fields : answer?.kind === 'page' ? answer.refused.fields() : { code: answer && '10000' };
    const biz = bizForLog(parameters.biz_content ?? '');
    this.alipay.requests.add({
      at: this.alipay.clock().toISOString(),
      gateway: 'alipay',
      method: parameters.method ?? null,
      outTradeNo: biz?.forLog('out_trade_no') ?? null,
      outRequestNo: biz?.forLog('out_request_no') ?? null,
      code: textOrNull(fields.code),
      subCode: textOrNull((fields as Record<string, unknown>).sub_code),
      fault: fault?.kind ?? null,
    });
  }
}

function refusedBy(fault: Fault): Refused | undefined {
  if (fault.kind === 'declined') return new Refused('40004', fault.subCode ?? 'ACQ.SYSTEM_ERROR', '模拟的业务失败');
  if (fault.kind !== 'system_error' && fault.kind !== 'system_error_done') return undefined;
  return new Refused('20000', fault.subCode ?? 'ACQ.SYSTEM_ERROR', '系统繁忙');
}

function bizForLog(json: string): BizContent | undefined {
  try {
    return BizContent.parse(json);
  } catch {
    return undefined;
  }
}

function textOrNull(value: unknown): string | null {
  return typeof value === 'string' ? value : null;
}
