import { Body, Controller, Get, Patch, Post, Query } from '@nestjs/common';
import { ApiCreatedResponse, ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';

import type { Caller } from '../contracts/api-keys.port.js';
import { DEFAULT_CURRENCY } from '../kernel/money.js';
import { Commands, type CommandRequest } from '../platform/commands/commands.js';
import { CommandParam, Idempotent } from '../platform/http/command-request.js';
import { AmountField, IntegerField, PatternField, SkuField, TextField } from '../platform/http/fields.js';
import { Problems } from '../platform/http/openapi-problems.js';
import { PageQuery, PageView, idCursor, pageOf, type Page } from '../platform/http/paging.js';
import { SkuParam } from '../platform/http/path-parameters.js';
import { CallerParam, RequireScope } from '../platform/http/security.js';
import type { ProductEntity } from './product.entity.js';
import { Products } from './products.js';

class CreateProductBody {
  @SkuField({ description: 'Your own name for it, unique among your products.', example: 'TEA-500G' })
  readonly sku!: string;

  @TextField({ description: 'What the payer reads.', example: 'Longjing tea, 500 g', max: 200 })
  readonly name!: string;

  @AmountField({ description: 'The price of one, in minor units (fen).', example: 15000 })
  readonly price!: number;

  @PatternField({
    description: 'An ISO 4217 code; CNY unless told otherwise.',
    example: 'CNY',
    pattern: /^[A-Z]{3}$/,
    says: 'must be three capital letters, such as CNY',
    optional: true,
  })
  readonly currency: string = DEFAULT_CURRENCY;

  @IntegerField({ description: 'How many there are to begin with.', example: 100, min: 0, max: 1_000_000_000, optional: true })
  readonly stock: number = 0;
}

class ChangeProductBody {
  @TextField({ description: 'What the payer reads.', example: 'Longjing tea, 500 g, spring', max: 200, optional: true })
  readonly name?: string;

  @AmountField({
    description: 'The price of one, in minor units. Orders that were placed before keep theirs.',
    example: 16000,
    optional: true,
  })
  readonly price?: number;
}

class ProductView {
  @ApiProperty({ description: 'Your own name for it.', example: 'TEA-500G' })
  readonly sku!: string;

  @ApiProperty({ description: 'What the payer reads.', example: 'Longjing tea, 500 g' })
  readonly name!: string;

  @ApiProperty({ type: 'integer', description: 'The price of one, in minor units.', example: 15000 })
  readonly price!: number;

  @ApiProperty({ description: 'An ISO 4217 code.', example: 'CNY' })
  readonly currency!: string;

  @ApiProperty({ format: 'date-time', description: 'When it entered the catalogue.' })
  readonly createdAt!: string;

  @ApiProperty({ format: 'date-time', description: 'When it was last changed.' })
  readonly updatedAt!: string;
}

const ProductPage = PageView(ProductView);

function show({ sku, name, price, currency, createdAt, updatedAt }: ProductEntity): ProductView {
  return { sku, name, price, currency, createdAt: createdAt.toISOString(), updatedAt: updatedAt.toISOString() };
}

@ApiTags('catalog')
@Controller('v1/products')
export class ProductController {
  constructor(
    private readonly products: Products,
    private readonly commands: Commands,
  ) {}

  @Post()
  @RequireScope('products:write')
  @Idempotent()
  @ApiOperation({ summary: 'Add a product', description: 'With its price and its opening stock.' })
  @ApiCreatedResponse({ type: ProductView })
  @Problems('sku_exists')
  create(
    @CallerParam() { merchantId }: Caller,
    @Body() body: CreateProductBody,
    @CommandParam() request: CommandRequest,
  ): Promise<ProductView> {
    return this.commands.run(request, async (work) => show(await this.products.create(work, merchantId, body)));
  }

  @Get()
  @RequireScope('products:read')
  @ApiOperation({ summary: 'List the products', description: 'Newest first.' })
  @ApiOkResponse({ type: ProductPage })
  @Problems('invalid_request')
  async list(@CallerParam() { merchantId }: Caller, @Query() { limit, cursor }: PageQuery): Promise<Page<ProductView>> {
    const rows = await this.products.list(merchantId, limit, idCursor(cursor));
    return pageOf(rows, limit, ({ id }) => id, show);
  }

  @Get(':sku')
  @RequireScope('products:read')
  @ApiOperation({ summary: 'Read a product', description: 'As it is now.' })
  @ApiOkResponse({ type: ProductView })
  @Problems('not_found')
  async read(@CallerParam() { merchantId }: Caller, @SkuParam() sku: string): Promise<ProductView> {
    return show(await this.products.get(merchantId, sku));
  }

  @Patch(':sku')
  @RequireScope('products:write')
  @ApiOperation({ summary: 'Change a product', description: 'Its name or its price. Orders that were placed before keep theirs.' })
  @ApiOkResponse({ type: ProductView })
  @Problems('invalid_request', 'malformed_body', 'not_found', 'payload_too_large', 'unsupported_media_type')
  change(
    @CallerParam() { merchantId }: Caller,
    @SkuParam() sku: string,
    @Body() body: ChangeProductBody,
    @CommandParam() { origin }: CommandRequest,
  ): Promise<ProductView> {
    return this.commands.run({ origin }, async (work) => show(await this.products.change(work, merchantId, sku, body)));
  }
}
