import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { NotEquals } from 'class-validator';

import type { Caller } from '../contracts/api-keys.port.js';
import type { MerchantId } from '../kernel/ids.js';
import { Commands, type CommandRequest } from '../platform/commands/commands.js';
import { columnsOf } from '../platform/database/columns.js';
import { Reads } from '../platform/database/reads.js';
import { CommandParam, Idempotent } from '../platform/http/command-request.js';
import { IntegerField, TextField } from '../platform/http/fields.js';
import { Problems } from '../platform/http/openapi-problems.js';
import { PageQuery, PageView, numberCursor, pageOf, type Page } from '../platform/http/paging.js';
import { SkuParam } from '../platform/http/path-parameters.js';
import { CallerParam, RequireScope } from '../platform/http/security.js';
import { Inventory, noSuchStock } from './inventory.js';
import { StockLevelEntity, StockMovementEntity, type MovementKind } from './stock.entity.js';

class AdjustStockBody {
  @IntegerField({ description: 'Units that came (positive) or left (negative).', example: 50, min: -1_000_000_000, max: 1_000_000_000 })
  @NotEquals(0, { message: 'must not be 0' })
  readonly delta!: number;

  @TextField({ description: 'Why, for whoever counts the stock next.', example: 'delivery of 3 March', max: 200 })
  readonly reason!: string;
}

class StockLevelView {
  @ApiProperty({ description: 'The SKU.', example: 'TEA-500G' })
  readonly sku!: string;

  @ApiProperty({ type: 'integer', description: 'Units in the house.', example: 100 })
  readonly onHand!: number;

  @ApiProperty({ type: 'integer', description: 'Units in the house that belong to orders which have not been shipped.', example: 2 })
  readonly reserved!: number;

  @ApiProperty({ type: 'integer', description: 'Units for sale: `onHand` less `reserved`.', example: 98 })
  readonly available!: number;
}

class StockMovementView {
  @ApiProperty({ type: 'integer', description: 'The number of the movement; it only grows.', example: 41 })
  readonly id!: number;

  @ApiProperty({ enum: ['opened', 'adjusted', 'reserved', 'released', 'shipped', 'returned'], description: 'What moved it.' })
  readonly kind!: MovementKind;

  @ApiProperty({ type: 'integer', description: 'The change of `onHand`.', example: 0 })
  readonly onHandDelta!: number;

  @ApiProperty({ type: 'integer', description: 'The change of `reserved`.', example: 2 })
  readonly reservedDelta!: number;

  @ApiProperty({ type: String, format: 'uuid', nullable: true, description: 'The order it was for.' })
  readonly orderId!: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'What the person said who adjusted it.' })
  readonly reason!: string | null;

  @ApiProperty({ format: 'date-time', description: 'When it moved.' })
  readonly createdAt!: string;
}

const StockMovementPage = PageView(StockMovementView);

const LEVEL = columnsOf(StockLevelEntity, 'l');
const MOVEMENT = columnsOf(StockMovementEntity, 'm');

function showLevel({ sku, onHand, reserved }: { sku: string; onHand: number; reserved: number }): StockLevelView {
  return { sku, onHand, reserved, available: onHand - reserved };
}

function showMovement({ seq, kind, onHandDelta, reservedDelta, orderId, reason, createdAt }: StockMovementEntity): StockMovementView {
  return { id: seq, kind, onHandDelta, reservedDelta, orderId, reason, createdAt: createdAt.toISOString() };
}

@ApiTags('inventory')
@Controller('v1/inventory')
export class InventoryController {
  constructor(
    private readonly inventory: Inventory,
    private readonly commands: Commands,
    private readonly reads: Reads,
  ) {}

  @Get(':sku')
  @RequireScope('inventory:read')
  @ApiOperation({ summary: 'Read the stock of a SKU', description: 'As of the last commit.' })
  @ApiOkResponse({ type: StockLevelView })
  @Problems('not_found')
  async read(@CallerParam() { merchantId }: Caller, @SkuParam() sku: string): Promise<StockLevelView> {
    return showLevel(await this.level(merchantId, sku));
  }

  @Post(':sku/adjustments')
  @RequireScope('inventory:write')
  @Idempotent()
  @ApiOperation({ summary: 'Correct the stock', description: 'Units that came in or went out other than through an order.' })
  @ApiCreatedResponse({ type: StockLevelView })
  @Problems('not_found', 'insufficient_stock')
  adjust(
    @CallerParam() { merchantId }: Caller,
    @SkuParam() sku: string,
    @Body() body: AdjustStockBody,
    @CommandParam() request: CommandRequest,
  ): Promise<StockLevelView> {
    return this.commands.run(request, async (work) => showLevel(await this.inventory.adjust(work, merchantId, sku, body)));
  }

  @Get(':sku/movements')
  @RequireScope('inventory:read')
  @ApiOperation({ summary: 'Each change of the stock', description: 'Newest first. Their sums are the counts, always.' })
  @ApiOkResponse({ type: StockMovementPage })
  @Problems('invalid_request', 'not_found')
  async movements(
    @CallerParam() { merchantId }: Caller,
    @SkuParam() sku: string,
    @Query() { limit, cursor }: PageQuery,
  ): Promise<Page<StockMovementView>> {
    await this.level(merchantId, sku);
    const rows = await this.reads.query<StockMovementEntity>(
      `SELECT ${MOVEMENT} FROM stock_movements m WHERE m.merchant_id = $1 AND m.sku = $2 AND m.seq < $3 ORDER BY m.seq DESC LIMIT $4`,
      [merchantId, sku, numberCursor(cursor) ?? Number.MAX_SAFE_INTEGER, limit + 1],
    );
    return pageOf(rows, limit, ({ seq }) => seq, showMovement);
  }

  private async level(merchantId: MerchantId, sku: string): Promise<StockLevelEntity> {
    const [level] = await this.reads.query<StockLevelEntity>(
      `SELECT ${LEVEL} FROM stock_levels l WHERE l.merchant_id = $1 AND l.sku = $2`,
      [merchantId, sku],
    );
    if (!level) throw noSuchStock(sku);
    return level;
  }
}
