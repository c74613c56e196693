import { Controller, Get } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProperty, ApiTags } from '@nestjs/swagger';
import { InjectDataSource } from '@nestjs/typeorm';
import type { PoolClient } from 'pg';
import type { DataSource } from 'typeorm';

import { Clock, SECOND } from '../../kernel/clock.js';
import { Metrics } from '../http/metrics.js';
import { RequireScope } from '../http/security.js';
import { checkInvariants, type InvariantCheck } from './check-invariants.js';

class ViolationView {
  @ApiProperty({ type: String, format: 'uuid', nullable: true, description: 'Whose it is; null where it is nobody’s.' })
  readonly merchantId!: string | null;

  @ApiProperty({ type: String, format: 'uuid', nullable: true, description: 'The order it belongs to.' })
  readonly orderId!: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'What it is about: a SKU, a payment, a refund, a callback …' })
  readonly subject!: string | null;

  @ApiProperty({ type: String, nullable: true, description: 'What is wrong.', example: '3 reserved, but reservations hold 2' })
  readonly wrong!: string | null;
}

class InvariantView {
  @ApiProperty({ description: 'The name of the view, in the schema `invariants`.', example: 'stock_reserved_is_what_reservations_hold' })
  readonly name!: string;

  @ApiProperty({ description: 'What always holds.', example: 'What is reserved is what the open reservations still hold.' })
  readonly description!: string;

  @ApiProperty({ description: 'Whether it does.', example: true })
  readonly holds!: boolean;

  @ApiProperty({ type: 'integer', description: 'How many rows break it.', example: 0 })
  readonly violations!: number;

  @ApiProperty({ type: [ViolationView], description: 'The first five of them.' })
  readonly sample!: ViolationView[];
}

class InvariantsView {
  @ApiProperty({ description: 'True where all of them hold.', example: true })
  readonly holds!: boolean;

  @ApiProperty({ format: 'date-time', description: 'The moment that was looked at, the same for all.' })
  readonly asOf!: string;

  @ApiProperty({ type: [InvariantView], description: 'Each invariant, by name.' })
  readonly data!: InvariantView[];
}

/** What must always hold, looked at now. */
@ApiTags('operations')
@Controller('v1/admin/invariants')
export class InvariantsController {
  private underWay: Promise<InvariantCheck> | undefined;

  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
  ) {}

  @Get()
  @RequireScope('admin')
  @ApiOperation({
    summary: 'Does everything hold that must?',
    description:
      'Looks at every invariant in one snapshot of the database. It reads whole tables, so it may take minutes where there are many millions of orders; whoever asks while one look is under way gets its answer.',
  })
  @ApiOkResponse({ type: InvariantsView })
  async check(): Promise<InvariantsView> {
    this.underWay ??= this.look().finally(() => (this.underWay = undefined));
    const { asOf, invariants } = await this.underWay;
    const data = invariants.map(({ name, description, violations, sample }) => {
      return { name, description, holds: violations === 0, violations, sample: [...sample] };
    });
    return { holds: data.every(({ holds }) => holds), asOf: asOf.toISOString(), data };
  }

  private async look(): Promise<InvariantCheck> {
    const runner = this.dataSource.createQueryRunner();
    try {
      const check = await checkInvariants((await runner.connect()) as PoolClient, this.clock.now());
      this.metrics.brokenInvariants.set(check.invariants.filter(({ violations }) => violations > 0).length);
      this.metrics.lookedAtInvariants.set(this.clock.now().getTime() / SECOND);
      return check;
    } finally {
      await runner.release();
    }
  }
}
