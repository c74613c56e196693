import { Body, Controller, Delete, Get, HttpCode, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiNoContentResponse, ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';

import type { Caller } from '../contracts/api-keys.port.js';
import { SCOPES, type Scope } from '../contracts/scopes.js';
import type { CommandRequest } from '../platform/commands/commands.js';
import { CommandParam } from '../platform/http/command-request.js';
import { SECOND } from '../kernel/clock.js';
import { ChoiceField, ChoicesField, IntegerField, TextField } from '../platform/http/fields.js';
import { Problems } from '../platform/http/openapi-problems.js';
import { IdParam } from '../platform/http/path-parameters.js';
import { RequestProblem } from '../platform/http/problem.js';
import { PageQuery, PageView, idCursor, pageOf, type Page } from '../platform/http/paging.js';
import { CallerParam, RequireScope } from '../platform/http/security.js';
import type { ApiKeyEntity } from './merchant.entity.js';
import { Merchants } from './merchants.js';

class OpenMerchantBody {
  @TextField({ description: "The merchant's name.", example: 'Tea House', max: 100 })
  readonly name!: string;
}

class IssueApiKeyBody {
  @TextField({ description: 'What the key is for.', example: 'warehouse', max: 100 })
  readonly name!: string;

  @ChoiceField({ description: 'What the key begins with.', example: 'test', of: ['test', 'live'], optional: true })
  readonly mode: 'test' | 'live' = 'test';

  @ChoicesField({ description: 'What the key may do; none that your own key lacks.', example: ['orders:read', 'orders:write'], of: SCOPES })
  readonly scopes!: Scope[];
}

/** In seconds. */
const [USUAL_OVERLAP, LONGEST_OVERLAP] = [86_400, 2_592_000];

class RotateApiKeyBody {
  @IntegerField({
    description: 'Seconds that the former key is good for yet; a day where absent, and 0 ends it at once.',
    example: USUAL_OVERLAP,
    min: 0,
    max: LONGEST_OVERLAP,
    optional: true,
  })
  readonly overlapSeconds: number = USUAL_OVERLAP;
}

class ApiKeyView {
  @ApiProperty({ format: 'uuid', description: 'The id of the key.' })
  readonly id!: string;

  @ApiProperty({ description: 'What the key is for.', example: 'warehouse' })
  readonly name!: string;

  @ApiProperty({ description: 'As much of the key as may be shown.', example: 'sk_test_…9f3c' })
  readonly hint!: string;

  @ApiProperty({ enum: SCOPES, isArray: true, description: 'What the key may do.' })
  readonly scopes!: readonly Scope[];

  @ApiProperty({ format: 'date-time', description: 'When it was made.' })
  readonly createdAt!: string;

  @ApiProperty({
    type: String,
    format: 'date-time',
    nullable: true,
    description: 'Until when it is good, where another took over; else null.',
  })
  readonly expiresAt!: string | null;

  @ApiProperty({ type: String, format: 'date-time', nullable: true, description: 'When it was ended at once; null where it was not.' })
  readonly revokedAt!: string | null;
}

class IssuedApiKeyView extends ApiKeyView {
  @ApiProperty({ description: 'The key itself. It is shown this once and stored only as a hash.', example: 'sk_test_…' })
  readonly secret!: string;
}

class OpenedMerchantView {
  @ApiProperty({ format: 'uuid', description: 'The id of the merchant.' })
  readonly id!: string;

  @ApiProperty({ description: "The merchant's name.", example: 'Tea House' })
  readonly name!: string;

  @ApiProperty({ type: IssuedApiKeyView, description: 'A first key, with every scope but `admin`.' })
  readonly apiKey!: IssuedApiKeyView;
}

const ApiKeyPage = PageView(ApiKeyView);

function show({ id, name, hint, scopes, createdAt, expiresAt, revokedAt }: ApiKeyEntity): ApiKeyView {
  const ends = { expiresAt: expiresAt?.toISOString() ?? null, revokedAt: revokedAt?.toISOString() ?? null };
  return { id, name, hint, scopes, createdAt: createdAt.toISOString(), ...ends };
}

@ApiTags('merchants')
@Controller('v1')
export class MerchantController {
  constructor(private readonly merchants: Merchants) {}

  @Post('merchants')
  @RequireScope('admin')
  @ApiOperation({
    summary: 'Open a merchant',
    description: 'Answers with a first API key, which is shown this once and not stored, so this takes no Idempotency-Key.',
  })
  @ApiCreatedResponse({ type: OpenedMerchantView })
  @Problems('invalid_request', 'malformed_body', 'payload_too_large', 'unsupported_media_type')
  async open(@Body() body: OpenMerchantBody, @CommandParam() { origin }: CommandRequest): Promise<OpenedMerchantView> {
    const { merchant, apiKey, secret } = await this.merchants.open(origin, body.name);
    return { id: merchant.id, name: merchant.name, apiKey: { ...show(apiKey), secret } };
  }

  @Post('api-keys')
  @RequireScope('keys:write')
  @ApiOperation({
    summary: 'Issue an API key',
    description: 'For your own merchant. The key is shown this once and not stored, so this takes no Idempotency-Key.',
  })
  @ApiCreatedResponse({ type: IssuedApiKeyView })
  @Problems('invalid_request', 'malformed_body', 'payload_too_large', 'unsupported_media_type')
  async issue(
    @CallerParam() caller: Caller,
    @Body() body: IssueApiKeyBody,
    @CommandParam() { origin }: CommandRequest,
  ): Promise<IssuedApiKeyView> {
    const beyond = body.scopes.filter((scope) => !caller.scopes.includes(scope));
    if (beyond.length > 0) throw new RequestProblem('insufficient_scope', `Your own key does not have ${beyond.join(', ')}.`);
    const { apiKey, secret } = await this.merchants.issueKey(origin, caller.merchantId, body);
    return { ...show(apiKey), secret };
  }

  @Post('api-keys/:id/rotate')
  @RequireScope('keys:write')
  @ApiOperation({
    summary: 'Rotate an API key',
    description:
      'Issues one of the same name and scopes, none of which your own key may lack; both are good until the overlap is over. The new key is shown this once and not stored, so this takes no Idempotency-Key.',
  })
  @ApiCreatedResponse({ type: IssuedApiKeyView })
  @Problems('invalid_request', 'malformed_body', 'payload_too_large', 'unsupported_media_type', 'not_found', 'illegal_transition')
  async rotate(
    @CallerParam() caller: Caller,
    @IdParam('id', 'The id of the key.') id: string,
    @Body() { overlapSeconds }: RotateApiKeyBody,
    @CommandParam() { origin }: CommandRequest,
  ): Promise<IssuedApiKeyView> {
    const { apiKey, secret } = await this.merchants.rotateKey(origin, caller, id, overlapSeconds * SECOND);
    return { ...show(apiKey), secret };
  }

  @Get('api-keys')
  @RequireScope('keys:read')
  @ApiOperation({ summary: 'List the API keys', description: 'Ended ones included.' })
  @ApiOkResponse({ type: ApiKeyPage })
  @Problems('invalid_request')
  async list(@CallerParam() caller: Caller, @Query() { limit, cursor }: PageQuery): Promise<Page<ApiKeyView>> {
    const rows = await this.merchants.listKeys(caller.merchantId, limit, idCursor(cursor));
    return pageOf(rows, limit, ({ id }) => id, show);
  }

  @Delete('api-keys/:id')
  @HttpCode(204)
  @RequireScope('keys:write')
  @ApiOperation({ summary: 'End an API key', description: 'At once. Ending it again changes nothing.' })
  @ApiNoContentResponse({ description: 'The key is ended.' })
  @Problems('not_found')
  async revoke(
    @CallerParam() caller: Caller,
    @IdParam('id', 'The id of the key.') id: string,
    @CommandParam() { origin }: CommandRequest,
  ): Promise<void> {
    await this.merchants.revokeKey(origin, caller.merchantId, id);
  }
}
