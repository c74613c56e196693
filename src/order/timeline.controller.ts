import { Controller, Get, Query } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';

import type { Caller } from '../contracts/api-keys.port.js';
import type { EventEntity } from '../platform/events/event.entity.js';
import { QueryIntegerField } from '../platform/http/fields.js';
import { Problems } from '../platform/http/openapi-problems.js';
import { PageQuery, PageView, numberCursor, pageOf, type Page } from '../platform/http/paging.js';
import { IdParam } from '../platform/http/path-parameters.js';
import { CallerParam, RequireScope } from '../platform/http/security.js';
import { EVENT_LABELS } from './event-labels.js';
import { LabelView } from './order.view.js';
import { OrderQueries } from './order-queries.js';

class TimelineQuery extends PageQuery {
  @QueryIntegerField({ description: 'How many events at the most.', example: 100, min: 1, max: 100, optional: true })
  override limit: number = 100;
}

class TimelineEventView {
  @ApiProperty({ format: 'uuid', description: 'The id of the event.' })
  readonly id!: string;

  @ApiProperty({ description: 'What happened.', example: 'order.created' })
  readonly type!: string;

  @ApiProperty({ type: 'integer', description: 'The version of the shape of `facts`.', example: 1 })
  readonly version!: number;

  @ApiProperty({ type: LabelView, description: '`type` in words.' })
  readonly label!: LabelView;

  @ApiProperty({ format: 'date-time', description: 'When it happened.' })
  readonly occurredAt!: string;

  @ApiProperty({ description: 'Who did it: an API key, a gateway, or the system by itself.', example: 'gateway:alipay' })
  readonly actor!: string;

  @ApiProperty({ description: 'The request (`X-Request-Id`), callback or job that it all began with.' })
  readonly correlationId!: string;

  @ApiProperty({ type: String, format: 'uuid', nullable: true, description: 'The event that this followed from.' })
  readonly causationId!: string | null;

  @ApiProperty({ type: 'object', additionalProperties: true, description: 'The particulars, by type.' })
  readonly facts!: Record<string, unknown>;
}

const Timeline = PageView(TimelineEventView);

function show({ id, type, version, occurredAt, actor, correlationId, causationId, facts }: EventEntity): TimelineEventView {
  const label = EVENT_LABELS[type] ?? { en: type, zh: type };
  return { id, type, version, label, occurredAt: occurredAt.toISOString(), actor, correlationId, causationId, facts };
}

@ApiTags('orders')
@Controller('v1/orders')
export class TimelineController {
  constructor(private readonly queries: OrderQueries) {}

  @Get(':id/timeline')
  @RequireScope('orders:read')
  @ApiOperation({
    summary: 'What happened to an order',
    description: 'Every event in the order in which it happened, oldest first, with its cause.',
  })
  @ApiOkResponse({ type: Timeline })
  @Problems('invalid_request', 'not_found')
  async read(
    @CallerParam() { merchantId }: Caller,
    @IdParam('id', 'The id of the order.') id: string,
    @Query() { limit, cursor }: TimelineQuery,
  ): Promise<Page<TimelineEventView>> {
    const events = await this.queries.timeline(merchantId, id, limit, numberCursor(cursor));
    return pageOf(events, limit, ({ seq }) => seq, show);
  }
}
