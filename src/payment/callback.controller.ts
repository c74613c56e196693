import { Controller, Get, Headers, HttpCode, Param, Post, Query, Req, Res } from '@nestjs/common';
import { ApiBadRequestResponse, ApiBody, ApiConsumes, ApiOkResponse, ApiOperation, ApiParam, ApiProperty, ApiTags } from '@nestjs/swagger';
import { InjectDataSource } from '@nestjs/typeorm';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { DataSource } from 'typeorm';

import type { Caller } from '../contracts/api-keys.port.js';
import { conflict, notFound } from '../kernel/domain-error.js';
import type { MerchantId } from '../kernel/ids.js';
import { Commands, type CommandRequest } from '../platform/commands/commands.js';
import { CommandParam, Idempotent } from '../platform/http/command-request.js';
import { ChoiceField, PatternField } from '../platform/http/fields.js';
import { NoFields } from '../platform/http/no-fields.js';
import { Problems } from '../platform/http/openapi-problems.js';
import { PageQuery, PageView, idCursor, pageOf, type Page } from '../platform/http/paging.js';
import { IdParam } from '../platform/http/path-parameters.js';
import { CallerParam, Open, RequireScope } from '../platform/http/security.js';
import { CALLBACK_EFFECTS, CALLBACK_VERDICTS, CallbackEntity, type CallbackEffect, type CallbackVerdict } from './callback.entity.js';
import { GATEWAY_NAMES, type GatewayName } from './gateway/gateway.js';
import { CannotOpen } from '../platform/secrets/vault.js';
import { ReceiveCallbacks, type Replayed } from './receive-callbacks.js';

const TOPICS = ['payments', 'refunds'];

class ListCallbacksQuery extends PageQuery {
  @ChoiceField({ description: 'Only callbacks that were found to be this.', of: CALLBACK_VERDICTS, optional: true })
  readonly verdict?: CallbackVerdict;

  @PatternField({
    description: 'Only callbacks that name this trade.',
    pattern: /^[A-Za-z0-9_-]{1,64}$/,
    says: 'must have 1 to 64 letters, digits, `_` or `-`',
    optional: true,
  })
  readonly outTradeNo?: string;
}

class CallbackView {
  @ApiProperty({ format: 'uuid', description: 'The id of the callback.' })
  readonly id!: string;

  @ApiProperty({ enum: GATEWAY_NAMES, description: 'The address it came to.', example: 'alipay' })
  readonly gateway!: GatewayName;

  @ApiProperty({ enum: TOPICS, description: 'The address it came to.', example: 'payments' })
  readonly topic!: string;

  @ApiProperty({ enum: CALLBACK_VERDICTS, description: '`verified`, or why it was not believed.', example: 'verified' })
  readonly verdict!: CallbackVerdict;

  @ApiProperty({ enum: CALLBACK_EFFECTS, description: 'What it did.', example: 'applied' })
  readonly effect!: CallbackEffect;

  @ApiProperty({ type: String, nullable: true, description: 'Why it was not believed, or had no effect.' })
  readonly reason!: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'The trade that it names.' })
  readonly outTradeNo!: string | null;

  @ApiProperty({ type: String, nullable: true, description: "The gateway's own id of the message; the same when it is sent again." })
  readonly noticeId!: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'The refund that it names, by our number at the gateway.' })
  readonly refundNo!: string | null;

  @ApiProperty({ type: String, format: 'uuid', nullable: true, description: 'The order it belongs to.' })
  readonly orderId!: string | null;

  @ApiProperty({ type: String, format: 'uuid', nullable: true, description: 'Whose key verified it: your account at the gateway.' })
  readonly accountId!: string | null;

  @ApiProperty({ type: String, format: 'uuid', nullable: true, description: 'The callback that was read again, where this is a replay.' })
  readonly replayOf!: string | null;

  @ApiProperty({ format: 'date-time', description: 'When it came.' })
  readonly receivedAt!: string;
}

class CallbackDetailView extends CallbackView {
  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' }, description: 'The headers as they came, without credentials.' })
  readonly headers!: Record<string, string>;

  @ApiProperty({ description: 'The body as it came, card numbers and other secrets masked; in base64 where it is not UTF-8.' })
  readonly body!: string;

  @ApiProperty({ enum: ['utf-8', 'base64'], description: 'How `body` is written.' })
  readonly bodyEncoding!: 'utf-8' | 'base64';
}

class ReplayView {
  @ApiProperty({ type: String, format: 'uuid', nullable: true, description: 'The new line of the inbox; null after a dry run.' })
  readonly id!: string | null;

  @ApiProperty({ format: 'uuid', description: 'The callback that was read again.' })
  readonly replayOf!: string;

  @ApiProperty({ description: 'True where nothing was changed.' })
  readonly dryRun!: boolean;

  @ApiProperty({ enum: CALLBACK_VERDICTS, description: '`verified`, or why it was not believed.', example: 'verified' })
  readonly verdict!: CallbackVerdict;

  @ApiProperty({ enum: CALLBACK_EFFECTS, description: 'What it did, or would do.', example: 'already_applied' })
  readonly effect!: CallbackEffect;

  @ApiProperty({ type: String, nullable: true, description: 'Why it is not believed, or has no effect.' })
  readonly reason!: string | null;

  @ApiProperty({ enum: ['acknowledged', 'refused'], description: 'What the gateway would be told.', example: 'acknowledged' })
  readonly answer!: 'acknowledged' | 'refused';
}

class ReplayQuery {
  @ChoiceField({ description: '`true` says what would happen and changes nothing.', of: ['true', 'false'], optional: true })
  readonly dryRun?: 'true' | 'false';
}

const CallbackPage = PageView(CallbackView);

const LISTED = [
  'id',
  'gateway',
  'topic',
  'verdict',
  'effect',
  'reason',
  'outTradeNo',
  'noticeId',
  'refundNo',
  'orderId',
  'accountId',
  'replayOf',
  'receivedAt',
].map((column) => `c.${column}`);

function show(callback: CallbackEntity): CallbackView {
  const { id, gateway, topic, verdict, effect, reason, outTradeNo, noticeId, refundNo, orderId, accountId, replayOf, receivedAt } =
    callback;
  const names = { outTradeNo, noticeId, refundNo, orderId, accountId, replayOf };
  return { id, gateway, topic, verdict, effect, reason, ...names, receivedAt: receivedAt.toISOString() };
}

const noSuchCallback = () => notFound('not_found', 'You have no callback with this id.');

function showReplay(former: CallbackEntity, { record, dryRun, settled }: Replayed): ReplayView {
  const { verdict, effect, reason } = record;
  const answer = settled ? 'acknowledged' : 'refused';
  return { id: dryRun ? null : record.id, replayOf: former.id, dryRun, verdict, effect, reason, answer };
}

function showDetail(callback: CallbackEntity): CallbackDetailView {
  const text = callback.body.toString('utf8');
  const isText = Buffer.from(text, 'utf8').equals(callback.body);
  return {
    ...show(callback),
    headers: callback.headers,
    body: isText ? text : callback.body.toString('base64'),
    bodyEncoding: isText ? 'utf-8' : 'base64',
  };
}

@ApiTags('callbacks')
@Controller('v1/callbacks')
export class CallbackController {
  constructor(
    private readonly receiving: ReceiveCallbacks,
    private readonly commands: Commands,
    @InjectDataSource() private readonly dataSource: DataSource,
  ) {}

  @Post(':gateway/:topic')
  @Open()
  @HttpCode(200)
  @ApiOperation({
    summary: "Receive a gateway's notice",
    description:
      'For the gateways, not for you: answered with the gateway’s own word for success once the effect is committed, and with its word for failure otherwise.',
  })
  @ApiParam({ name: 'gateway', enum: GATEWAY_NAMES, description: 'Which gateway.' })
  @ApiParam({ name: 'topic', enum: TOPICS, description: 'What it is about. Alipay has one address for both.' })
  @ApiConsumes('application/x-www-form-urlencoded', 'application/json')
  @ApiBody({
    schema: {
      type: 'object',
      description: 'The notice, in the form and with the signature that the gateway documents: a form, and JSON from WeChat Pay.',
      additionalProperties: true,
    },
  })
  @ApiOkResponse({
    content: { 'text/plain': { schema: { type: 'string', example: 'success' } }, 'application/json': {} },
    description: "The gateway's word for success, with WeChat Pay none at all; from Alipay, its word for failure as well.",
  })
  @ApiBadRequestResponse({
    content: {
      'text/plain': { schema: { type: 'string', example: 'fail' } },
      'application/json': { schema: { type: 'object', additionalProperties: true, example: { code: 'FAIL', message: '失败' } } },
    },
    description: "UnionPay's and WeChat Pay's word for failure.",
  })
  @Problems('not_found', 'payload_too_large', 'overloaded')
  async receive(
    @Param('gateway') name: string,
    @Param('topic') topic: string,
    @Headers() headers: Record<string, string | string[] | undefined>,
    @Req() request: FastifyRequest<{ Body: Buffer | undefined }>,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<string> {
    if (!TOPICS.includes(topic)) throw notFound('not_found', 'No gateway is set up that calls back here.');
    const texts: Record<string, string> = {};
    for (const [header, value] of Object.entries(headers)) if (typeof value === 'string') texts[header] = value;
    const sent = { headers: texts, body: request.body ?? Buffer.alloc(0) };
    const answer = await this.receiving.receive(name, topic, sent, request.id);
    void reply.status(answer.status).header('content-type', answer.contentType);
    return answer.body;
  }

  @Get()
  @RequireScope('callbacks:read')
  @ApiOperation({
    summary: 'The callback inbox',
    description: 'What gateways (or others) sent, newest first: whether it verified, what it did, and why not.',
  })
  @ApiOkResponse({ type: CallbackPage })
  @Problems('invalid_request')
  async list(@CallerParam() caller: Caller, @Query() query: ListCallbacksQuery): Promise<Page<CallbackView>> {
    const owners = caller.scopes.includes('admin') ? [caller.merchantId, null] : [caller.merchantId];
    // One by one, for no index has the callbacks of two owners in one order.
    const found = await Promise.all(owners.map((owner) => this.newest(owner, query)));
    const rows = found.flat().sort((left, right) => (left.id < right.id ? 1 : -1));
    return pageOf(rows.slice(0, query.limit + 1), query.limit, ({ id }) => id, show);
  }

  @Get(':id')
  @RequireScope('callbacks:read')
  @ApiOperation({ summary: 'Read a callback', description: 'With its headers and its body as they came.' })
  @ApiOkResponse({ type: CallbackDetailView })
  @Problems('not_found')
  async read(@CallerParam() caller: Caller, @IdParam('id', 'The id of the callback.') id: string): Promise<CallbackDetailView> {
    const callback = await this.visibleTo(caller).andWhere('c.id = :id', { id }).getOne();
    if (!callback) throw noSuchCallback();
    return showDetail(callback);
  }

  @Post(':id/replay')
  @HttpCode(200)
  @RequireScope('callbacks:write')
  @NoFields()
  @Idempotent()
  @ApiOperation({
    summary: 'Read a callback again',
    description:
      'As it came, with the keys and the books as they are now: for one that failed, or that was refused because a key was set up wrongly. Twice has one effect. `dryRun=true` says what would happen.',
  })
  @ApiOkResponse({ type: ReplayView })
  @Problems('invalid_request', 'not_found', 'illegal_transition')
  async replay(
    @CallerParam() caller: Caller,
    @IdParam('id', 'The id of the callback.') id: string,
    @Query() { dryRun }: ReplayQuery,
    @CommandParam() request: CommandRequest,
  ): Promise<ReplayView> {
    const former = await this.visibleTo(caller).andWhere('c.id = :id', { id }).getOne();
    if (!former) throw noSuchCallback();
    const run = async () => {
      const replayed = await this.receiving.replay(former, dryRun === 'true', request.origin).catch((error: unknown) => {
        if (!(error instanceof CannotOpen)) throw error;
        throw conflict(
          'illegal_transition',
          `The callback cannot be read again: ${error.message}. Set SECRETS_KEY_PREVIOUS to the key of that time.`,
        );
      });
      return showReplay(former, replayed);
    };
    // A question is answered anew each time; only a change is made once a key.
    return dryRun === 'true' ? run() : this.commands.runAcross(request, run);
  }

  /** One more than asked for, so that the page knows whether another follows; without what only the detail shows. */
  private newest(owner: MerchantId | null, query: ListCallbacksQuery): Promise<CallbackEntity[]> {
    const found = this.dataSource.getRepository(CallbackEntity).createQueryBuilder('c').select(LISTED);
    found.where(owner === null ? 'c.merchantId IS NULL' : 'c.merchantId = :owner', { owner });
    const before = idCursor(query.cursor);
    if (before !== undefined) found.andWhere('c.id < :before', { before });
    if (query.verdict !== undefined) found.andWhere('c.verdict = :verdict', { verdict: query.verdict });
    if (query.outTradeNo !== undefined) found.andWhere('c.outTradeNo = :outTradeNo', { outTradeNo: query.outTradeNo });
    return found
      .orderBy('c.merchantId') // All the same; without it, the index of the newest is not seen to be in order where there is no owner.
      .addOrderBy('c.id', 'DESC')
      .limit(query.limit + 1)
      .getMany();
  }

  /** A merchant's own, and for those who run the system also what belongs to nobody. */
  private visibleTo({ merchantId, scopes }: Caller) {
    const mine = scopes.includes('admin') ? '(c.merchantId = :merchantId OR c.merchantId IS NULL)' : 'c.merchantId = :merchantId';
    return this.dataSource.getRepository(CallbackEntity).createQueryBuilder('c').where(mine, { merchantId });
  }
}
