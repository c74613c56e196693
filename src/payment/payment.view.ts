import { ApiExtraModels, ApiProperty, getSchemaPath } from '@nestjs/swagger';

import type { RefundKind } from '../contracts/refund-kind.js';
import { GATEWAY_NAMES, type GatewayName, type PayerAction } from './gateway/gateway.js';
import type { AttemptEntity, RefundEntity } from './payment.entity.js';
import { ATTEMPT_STATES, REFUND_STATES, type AttemptState, type RefundState } from './payment-states.js';

class RedirectActionView {
  @ApiProperty({ enum: ['redirect'], description: 'Send the payer’s browser to `url`.' })
  readonly type!: 'redirect';

  @ApiProperty({ description: 'Where to.' })
  readonly url!: string;
}

class QrCodeActionView {
  @ApiProperty({ enum: ['qr_code'], description: 'Show `codeUrl` as a QR code.' })
  readonly type!: 'qr_code';

  @ApiProperty({ description: 'What the QR code holds.' })
  readonly codeUrl!: string;
}

class FormActionView {
  @ApiProperty({ enum: ['form'], description: 'Post `fields` to `url` from the payer’s browser.' })
  readonly type!: 'form';

  @ApiProperty({ description: 'Where to.' })
  readonly url!: string;

  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' }, description: 'The fields, as they are.' })
  readonly fields!: Record<string, string>;
}

class SdkActionView {
  @ApiProperty({ enum: ['sdk'], description: 'Hand `params` to the gateway’s SDK on the phone.' })
  readonly type!: 'sdk';

  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' }, description: 'The parameters, as they are.' })
  readonly params!: Record<string, string>;
}

@ApiExtraModels(RedirectActionView, QrCodeActionView, FormActionView, SdkActionView)
export class AttemptView {
  @ApiProperty({ format: 'uuid', description: 'The id of the attempt.' })
  readonly id!: string;

  @ApiProperty({ format: 'uuid', description: 'The order it pays.' })
  readonly orderId!: string;

  @ApiProperty({ enum: GATEWAY_NAMES, description: 'Where it is paid.', example: 'alipay' })
  readonly gateway!: GatewayName;

  @ApiProperty({ type: String, format: 'uuid', nullable: true, description: 'Your account there.' })
  readonly accountId!: string | null;

  @ApiProperty({ description: 'How it is paid.', example: 'page' })
  readonly method!: string;

  @ApiProperty({ description: 'The number by which the gateway knows it.', example: '0gjdgxqr1w2v3u4t5s6r7q8p9oz01' })
  readonly outTradeNo!: string;

  @ApiProperty({
    enum: ATTEMPT_STATES,
    description: 'Where it stands. `unknown`: the gateway’s answer settled nothing, and it is asked again.',
    example: 'pending',
  })
  readonly status!: AttemptState;

  @ApiProperty({ type: 'integer', description: 'What is to be paid, in minor units.', example: 31000 })
  readonly amount!: number;

  @ApiProperty({ description: 'An ISO 4217 code.', example: 'CNY' })
  readonly currency!: string;

  @ApiProperty({
    nullable: true,
    description: 'What the payer must do; null where the gateway has not said.',
    oneOf: [RedirectActionView, QrCodeActionView, FormActionView, SdkActionView].map((type) => ({ $ref: getSchemaPath(type) })),
  })
  readonly action!: PayerAction | null;

  @ApiProperty({ type: String, nullable: true, description: "The gateway's own number, once it is paid." })
  readonly gatewayRef!: string | null;

  @ApiProperty({
    type: String,
    enum: ['payment', 'late', 'surplus', null],
    nullable: true,
    description: 'What its money became: the order’s payment, or money that the order could not use and that goes back by itself.',
  })
  readonly usedAs!: 'payment' | 'late' | 'surplus' | null;

  @ApiProperty({ type: String, nullable: true, description: 'Why it is not paid, where that is known.' })
  readonly failureReason!: string | null;

  @ApiProperty({ format: 'date-time', description: 'Until when it can be paid.' })
  readonly expiresAt!: string;

  @ApiProperty({ format: 'date-time', description: 'When it was started.' })
  readonly createdAt!: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: "When it was paid, by the gateway's clock." })
  readonly paidAt!: string | null;
}

export class RestockedUnitsView {
  @ApiProperty({ description: 'The SKU.', example: 'TEA-500G' })
  readonly sku!: string;

  @ApiProperty({ type: 'integer', description: 'How many.', example: 1 })
  readonly quantity!: number;
}

export class RefundView {
  @ApiProperty({ format: 'uuid', description: 'The id of the refund.' })
  readonly id!: string;

  @ApiProperty({ format: 'uuid', description: 'The order whose money it is.' })
  readonly orderId!: string;

  @ApiProperty({ format: 'uuid', description: 'The payment attempt whose money it is.' })
  readonly paymentId!: string;

  @ApiProperty({
    enum: ['requested', 'cancelled', 'late', 'surplus'],
    description: 'Why it goes back: you asked, the order was cancelled, it came after the cancel, or it came a second time.',
  })
  readonly kind!: RefundKind;

  @ApiProperty({
    enum: REFUND_STATES,
    description: 'Where it stands. `unknown`: the gateway’s answer settled nothing, and it is asked again.',
  })
  readonly status!: RefundState;

  @ApiProperty({ type: 'integer', description: 'In minor units.', example: 10000 })
  readonly amount!: number;

  @ApiProperty({ description: 'An ISO 4217 code.', example: 'CNY' })
  readonly currency!: string;

  @ApiProperty({ description: 'As you gave it, or as the system says it.', example: 'damaged in transit' })
  readonly reason!: string;

  @ApiProperty({ type: [RestockedUnitsView], description: 'What was put on sale again.' })
  readonly restock!: readonly RestockedUnitsView[];

  @ApiProperty({ type: String, nullable: true, description: 'Why it has not succeeded, where the gateway said so.' })
  readonly failureReason!: string | null;

  @ApiProperty({ format: 'date-time', description: 'When it was asked for.' })
  readonly createdAt!: string;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'When the gateway sent it back.' })
  readonly refundedAt!: string | null;
}

export function showAttempt(attempt: AttemptEntity): AttemptView {
  const { id, orderId, gateway, accountId, method, outTradeNo, status, amount, currency, action, gatewayRef, usedAs, failureReason } =
    attempt;
  return {
    id,
    orderId,
    gateway,
    accountId,
    method,
    outTradeNo,
    status,
    amount,
    currency,
    action,
    gatewayRef,
    usedAs,
    failureReason,
    expiresAt: attempt.expiresAt.toISOString(),
    createdAt: attempt.createdAt.toISOString(),
    paidAt: attempt.paidAt?.toISOString() ?? null,
  };
}

export function showRefund(refund: RefundEntity): RefundView {
  const { id, orderId, attemptId, kind, status, amount, currency, reason, restock, failureReason } = refund;
  return {
    id,
    orderId,
    paymentId: attemptId,
    kind,
    status,
    amount,
    currency,
    reason,
    restock,
    failureReason,
    createdAt: refund.createdAt.toISOString(),
    refundedAt: refund.refundedAt?.toISOString() ?? null,
  };
}
