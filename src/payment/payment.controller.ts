import { Body, Controller, Get, HttpCode, Post } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiTags } from '@nestjs/swagger';
import { IsIP } from 'class-validator';

import type { Caller } from '../contracts/api-keys.port.js';
import type { CommandRequest } from '../platform/commands/commands.js';
import { CommandParam, Idempotent } from '../platform/http/command-request.js';
import { ChoiceField, IdField, TextField, WebAddressField } from '../platform/http/fields.js';
import { NoFields } from '../platform/http/no-fields.js';
import { Problems } from '../platform/http/openapi-problems.js';
import { IdParam } from '../platform/http/path-parameters.js';
import { AdmittedByCommand, CallerParam, RequireScope } from '../platform/http/security.js';
import { ChangeAttempts } from './change-attempts.js';
import { GATEWAY_NAMES, type GatewayName } from './gateway/gateway.js';
import { AttemptView, showAttempt } from './payment.view.js';
import { StartPayments } from './start-payments.js';

const METHODS = ['page', 'wap', 'app', 'qr', 'native', 'jsapi', 'h5'] as const;

class StartPaymentBody {
  @ChoiceField({ description: 'Where the payer pays.', example: 'alipay', of: GATEWAY_NAMES })
  readonly gateway!: GatewayName;

  @ChoiceField({
    description:
      'How. Alipay: `page` (desktop), `wap` (mobile browser), `app` (SDK), `qr` (a code to scan). WeChat Pay: `native` (a code to scan), `jsapi` (inside WeChat, needs `openId`), `h5` (mobile browser, needs `clientIp`), `app` (SDK). UnionPay: `page` (a form).',
    example: 'page',
    of: METHODS,
  })
  readonly method!: string;

  @IdField({ description: 'At which of your accounts there; the default one where absent.', optional: true })
  readonly accountId?: string;

  @WebAddressField({
    description: 'Where the gateway sends the payer afterwards. It proves nothing: read the order.',
    example: 'https://shop.example/thanks',
    optional: true,
  })
  readonly returnUrl?: string;

  @TextField({ description: "The payer's IP address, where the method needs it.", example: '203.0.113.7', max: 45, optional: true })
  @IsIP(undefined, { message: 'must be an IP address' })
  readonly clientIp?: string;

  @TextField({ description: 'The payer’s id at the gateway, where the method needs it.', max: 128, optional: true })
  readonly openId?: string;
}

@ApiTags('payments')
@Controller('v1')
export class PaymentController {
  constructor(
    private readonly starting: StartPayments,
    private readonly attempts: ChangeAttempts,
  ) {}

  @Post('orders/:id/payments')
  @RequireScope('payments:write')
  @AdmittedByCommand()
  @Idempotent()
  @ApiOperation({
    summary: 'Start a payment',
    description:
      'One attempt at one gateway, for what is due. Another may be started while one is open; if both are paid, the second goes back by itself.',
  })
  @ApiCreatedResponse({ type: AttemptView })
  @Problems('not_found', 'order_not_payable', 'payment_method_unavailable', 'payment_declined')
  start(
    @CallerParam() { merchantId }: Caller,
    @IdParam('id', 'The id of the order.') orderId: string,
    @Body() body: StartPaymentBody,
    @CommandParam() request: CommandRequest,
  ): Promise<AttemptView> {
    return this.starting.start(request, { merchantId, orderId, ...body });
  }

  @Get('payments/:id')
  @RequireScope('payments:read')
  @ApiOperation({ summary: 'Read a payment attempt', description: 'As of the last commit.' })
  @ApiOkResponse({ type: AttemptView })
  @Problems('not_found')
  async read(@CallerParam() { merchantId }: Caller, @IdParam('id', 'The id of the attempt.') id: string): Promise<AttemptView> {
    return showAttempt(await this.attempts.get(merchantId, id));
  }

  @Post('payments/:id/sync')
  @HttpCode(200)
  @RequireScope('payments:write')
  @NoFields()
  @Idempotent()
  @ApiOperation({
    summary: 'Ask the gateway now',
    description: 'For when a notice seems lost. The system also asks by itself, now and then.',
  })
  @ApiOkResponse({ type: AttemptView })
  @Problems('not_found')
  sync(
    @CallerParam() { merchantId }: Caller,
    @IdParam('id', 'The id of the attempt.') id: string,
    @CommandParam() request: CommandRequest,
  ): Promise<AttemptView> {
    return this.attempts.sync(request, merchantId, id, showAttempt);
  }

  @Post('payments/:id/close')
  @HttpCode(200)
  @RequireScope('payments:write')
  @NoFields()
  @Idempotent()
  @ApiOperation({
    summary: 'Close an attempt',
    description:
      'At the gateway too. If it turns out to be paid, it is paid. If the gateway does not answer, it is asked again until it does.',
  })
  @ApiOkResponse({ type: AttemptView })
  @Problems('not_found', 'illegal_transition')
  close(
    @CallerParam() { merchantId }: Caller,
    @IdParam('id', 'The id of the attempt.') id: string,
    @CommandParam() request: CommandRequest,
  ): Promise<AttemptView> {
    return this.attempts.close(request, merchantId, id, showAttempt);
  }
}
