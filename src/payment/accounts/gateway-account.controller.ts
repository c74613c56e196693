import { Body, Controller, Get, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';

import type { Caller } from '../../contracts/api-keys.port.js';
import { KnownMerchants } from '../../contracts/merchants.port.js';
import { notFound } from '../../kernel/domain-error.js';
import { Commands, type CommandRequest } from '../../platform/commands/commands.js';
import { CommandParam, Idempotent } from '../../platform/http/command-request.js';
import { ChoiceField, FlagField, IdField, TextField, TextsField } from '../../platform/http/fields.js';
import { Problems } from '../../platform/http/openapi-problems.js';
import { PageQuery, PageView, idCursor, pageOf, type Page } from '../../platform/http/paging.js';
import { IdParam } from '../../platform/http/path-parameters.js';
import { CallerParam, RequireScope } from '../../platform/http/security.js';
import { Transactions } from '../../platform/events/transactions.js';
import { GATEWAY_NAMES, type GatewayName } from '../gateway/gateway.js';
import { Gateways } from '../gateway/gateways.js';
import { PROVIDERS } from '../gateway/providers.js';
import type { GatewayAccountEntity } from './gateway-account.entity.js';
import { GatewayAccounts } from './gateway-accounts.js';

const SETTINGS = GATEWAY_NAMES.map(
  (gateway) => `${gateway}: ${PROVIDERS[gateway].fields.map(({ name, secret }) => `\`${name}\`${secret ? ' (secret)' : ''}`).join(', ')}`,
).join('. ');

const LONGEST_SETTING = 32_768;

class AddAccountBody {
  @ChoiceField({ description: 'The gateway.', example: 'alipay', of: GATEWAY_NAMES })
  readonly gateway!: GatewayName;

  @TextField({ description: 'What you call it.', example: 'flagship store', max: 100 })
  readonly name!: string;

  @TextsField({
    description: `What the gateway knows the account by, and its keys; keys and certificates as PEM texts. ${SETTINGS}.`,
    max: LONGEST_SETTING,
  })
  readonly settings!: Record<string, string>;

  @IdField({ description: 'Whose it is; your own merchant where absent.', optional: true })
  readonly merchantId?: string;

  @FlagField({
    description: 'Uses it where a payment names no account. The first one of a gateway is the default one anyway.',
    optional: true,
  })
  readonly isDefault?: boolean;
}

class ChangeAccountBody {
  @TextField({ description: 'What you call it.', example: 'flagship store', max: 100, optional: true })
  readonly name?: string;

  @TextsField({ description: 'The settings to replace, such as a new key; the others stay.', max: LONGEST_SETTING, optional: true })
  readonly settings?: Record<string, string>;

  @FlagField({ description: 'False: it takes no new payments. Those it has are still asked about and given back.', optional: true })
  readonly enabled?: boolean;

  @FlagField({ description: 'True: payments that name no account use it.', optional: true })
  readonly isDefault?: boolean;
}

class AccountView {
  @ApiProperty({ format: 'uuid', description: 'The id of the account.' })
  readonly id!: string;

  @ApiProperty({ format: 'uuid', description: 'Whose it is.' })
  readonly merchantId!: string;

  @ApiProperty({ enum: GATEWAY_NAMES, description: 'The gateway.', example: 'alipay' })
  readonly gateway!: GatewayName;

  @ApiProperty({ description: 'What you call it.', example: 'flagship store' })
  readonly name!: string;

  @ApiProperty({ description: 'What the gateway knows it by.', example: '2021000000000000' })
  readonly identity!: string;

  @ApiProperty({ enum: ['environment', 'api'], description: 'Where it was set up. What the environment set up, it keeps up to date.' })
  readonly source!: 'environment' | 'api';

  @ApiProperty({ type: 'object', additionalProperties: { type: 'string' }, description: 'What may be shown of its settings.' })
  readonly settings!: Record<string, string>;

  @ApiProperty({
    isArray: true,
    type: String,
    description: 'The secrets that it has. Their values are never shown.',
    example: ['privateKey'],
  })
  readonly secrets!: string[];

  @ApiProperty({ description: 'Whether it takes new payments.' })
  readonly enabled!: boolean;

  @ApiProperty({ description: 'Whether it is used where a payment names no account.' })
  readonly isDefault!: boolean;

  @ApiProperty({ format: 'date-time', description: 'When it was added.' })
  readonly createdAt!: string;

  @ApiProperty({ format: 'date-time', description: 'When it was changed last.' })
  readonly updatedAt!: string;
}

const AccountPage = PageView(AccountView);

@ApiTags('operations')
@Controller('v1/admin/gateway-accounts')
export class GatewayAccountController {
  constructor(
    private readonly commands: Commands,
    private readonly transactions: Transactions,
    private readonly accounts: GatewayAccounts,
    private readonly gateways: Gateways,
    private readonly merchants: KnownMerchants,
  ) {}

  @Post()
  @RequireScope('admin')
  @Idempotent()
  @ApiOperation({
    summary: 'Add an account at a gateway',
    description: 'Its secrets are sealed before they are stored, and never shown again. A merchant may have several at one gateway.',
  })
  @ApiCreatedResponse({ type: AccountView })
  @Problems('not_found', 'gateway_account_exists')
  async add(@CallerParam() caller: Caller, @Body() body: AddAccountBody, @CommandParam() request: CommandRequest): Promise<AccountView> {
    const { gateway, name, settings, merchantId = caller.merchantId, isDefault = false } = body;
    if (!(await this.merchants.exists(merchantId))) throw notFound('not_found', 'There is no merchant with this id.');
    const added = await this.commands.run(request, async (work, id) =>
      show(await this.accounts.add(work, id, merchantId, { gateway, name, fields: settings, isDefault })),
    );
    await this.gateways.changed();
    return added;
  }

  @Get()
  @RequireScope('admin')
  @ApiOperation({ summary: 'List the accounts at gateways', description: "Every merchant's, newest first, without their secrets." })
  @ApiOkResponse({ type: AccountPage })
  @Problems('invalid_request')
  async list(@Query() { limit, cursor }: PageQuery): Promise<Page<AccountView>> {
    const rows = await this.accounts.list(limit + 1, idCursor(cursor));
    return pageOf(rows, limit, ({ id }) => id, show);
  }

  @Get(':id')
  @RequireScope('admin')
  @ApiOperation({ summary: 'Read an account at a gateway', description: 'Without its secrets.' })
  @ApiOkResponse({ type: AccountView })
  @Problems('not_found')
  async read(@IdParam('id', 'The id of the account.') id: string): Promise<AccountView> {
    return show(await this.accounts.get(id));
  }

  @Patch(':id')
  @RequireScope('admin')
  @ApiOperation({
    summary: 'Change an account at a gateway',
    description: 'Such as a new key. What is under way goes on with it; other processes follow within five seconds.',
  })
  @ApiOkResponse({ type: AccountView })
  @Problems('invalid_request', 'malformed_body', 'payload_too_large', 'unsupported_media_type', 'not_found', 'illegal_transition')
  async change(
    @IdParam('id', 'The id of the account.') id: string,
    @Body() { settings, ...change }: ChangeAccountBody,
    @CommandParam() { origin }: CommandRequest,
  ): Promise<AccountView> {
    const fields = settings === undefined ? {} : { fields: settings };
    const changed = await this.transactions.run(origin, (work) => this.accounts.change(work, id, { ...change, ...fields }));
    await this.gateways.changed();
    return show(changed);
  }
}

function show(account: GatewayAccountEntity): AccountView {
  const { id, merchantId, gateway, name, identity, source, settings, enabled, isDefault } = account;
  const secrets = PROVIDERS[gateway].fields.filter(({ secret }) => secret).map((field) => field.name);
  const times = { createdAt: account.createdAt.toISOString(), updatedAt: account.updatedAt.toISOString() };
  return { id, merchantId, gateway, name, identity, source, settings, secrets, enabled, isDefault, ...times };
}
