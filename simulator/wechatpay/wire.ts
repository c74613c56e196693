import type { FastifyReply, FastifyRequest } from 'fastify';
import { NOT_DONE, type Fault } from '../faults.js';
import { spoilt } from '../spoil.js';
import type { Stranger } from '../stranger.js';
import { answerRequest, type Answer } from './answer-request.js';
import { ApiError } from './api-error.js';
import type { WireRequest } from './authorization.js';
import { subjectOf, type Subject } from './call-subject.js';
import type { WechatpayContext } from './context.js';
import type { PlatformKey } from './platform-keys.js';
import { signatureHeaders } from './signature-headers.js';

/** `/v3/…`: from the bytes of a request to the bytes of an answer, with what a test planted in between. */
export class WechatpayWire {
  constructor(
    private readonly wechatpay: WechatpayContext,
    private readonly stranger: Stranger,
  ) {}

  async serve(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const asked = wireRequest(request);
    const subject = subjectOf(asked);
    const fault = this.wechatpay.faults.take('wechatpay', subject.name ?? '');
    const answer = this.answer(asked, fault);
    this.log(subject, answer, fault);
    if (fault?.kind === 'delay') await this.wechatpay.faults.wait(fault);
    return (fault && spoilt(request, reply, fault.kind)) ?? this.send(reply, answer, await this.key(asked, fault));
  }

  /** Null where the gateway never came to an answer. */
  private answer(asked: WireRequest, fault: Fault | undefined): Answer | null {
    const instead = fault && errorBy(fault);
    if (fault && NOT_DONE.has(fault.kind)) return instead ? { kind: 'error', error: instead } : null;
    const answer = answerRequest(asked, this.wechatpay);
    return instead ? { kind: 'error', error: instead } : answer;
  }

  /** Null: the answer is left unsigned. */
  private async key({ headers }: WireRequest, fault: Fault | undefined): Promise<PlatformKey | null> {
    if (fault?.kind === 'unsigned') return null;
    const wanted = headers['wechatpay-serial'];
    const key = this.wechatpay.platform.forAnswer(typeof wanted === 'string' ? wanted : undefined);
    return fault?.kind === 'wrong_signature' ? { ...key, privateKey: await this.stranger.privateKey() } : key;
  }

  private send(reply: FastifyReply, answer: Answer | null, key: PlatformKey | null): FastifyReply {
    if (answer === null) throw new Error('A fault that leaves no answer must send its own.');
    reply.header('request-id', `08${Date.now().toString(16).toUpperCase()}`).type('application/json; charset=utf-8');
    if (answer.kind === 'error') return reply.code(answer.error.status).send(answer.error.body());
    if (key) reply.headers(signatureHeaders(answer.body, key, this.wechatpay.clock()));
    return answer.status === 204 ? reply.code(204).send() : reply.code(200).send(answer.body);
  }

  private log(subject: Subject, answer: Answer | null, fault: Fault | undefined): void {
    const { name: method, outTradeNo, outRequestNo } = subject;
    const code = answer && String(answer.kind === 'error' ? answer.error.status : answer.status);
    const subCode = answer?.kind === 'error' ? answer.error.code : null;
    const at = this.wechatpay.clock().toISOString();
    this.wechatpay.requests.add({ at, gateway: 'wechatpay', method, outTradeNo, outRequestNo, code, subCode, fault: fault?.kind ?? null });
  }
}

function wireRequest(request: FastifyRequest): WireRequest {
  const body = Buffer.isBuffer(request.body) ? request.body.toString('utf8') : '';
  return { method: request.method, target: request.raw.url ?? request.url, headers: request.headers, body };
}

function errorBy(fault: Fault): ApiError | undefined {
  if (fault.kind === 'declined') return new ApiError(fault.subCode ?? 'SYSTEM_ERROR', '模拟的业务失败');
  if (fault.kind !== 'system_error' && fault.kind !== 'system_error_done') return undefined;
  return new ApiError(fault.subCode ?? 'SYSTEM_ERROR', '系统异常，请稍后重试');
}
