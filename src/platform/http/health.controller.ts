import { Controller, Get, Header } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiProperty, ApiTags } from '@nestjs/swagger';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';

import { Metrics } from './metrics.js';
import { Problems } from './openapi-problems.js';
import { Open } from './security.js';

class HealthView {
  @ApiProperty({ description: 'Always `ok`; anything else comes as a problem.', example: 'ok' })
  readonly status!: 'ok';
}

@ApiTags('operations')
@Open()
@Controller()
export class HealthController {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly metrics: Metrics,
  ) {}

  @Get('health/live')
  @ApiOperation({ summary: 'Is the process alive?', description: 'Answers while the process can answer at all.' })
  @ApiOkResponse({ type: HealthView })
  live(): HealthView {
    return { status: 'ok' };
  }

  @Get('health/ready')
  @ApiOperation({ summary: 'Can it serve?', description: 'Answers once the database does.' })
  @ApiOkResponse({ type: HealthView })
  @Problems('unavailable')
  async ready(): Promise<HealthView> {
    await this.dataSource.query('SELECT 1');
    return { status: 'ok' };
  }

  @Get('metrics')
  @Header('content-type', 'text/plain; version=0.0.4; charset=utf-8')
  @ApiOperation({ summary: 'Figures for Prometheus', description: 'In the text format of Prometheus, version 0.0.4.' })
  @ApiProduces('text/plain')
  @ApiOkResponse({ schema: { type: 'string' } })
  read(): Promise<string> {
    return this.metrics.text();
  }
}
