import { Controller, Get, Header } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiProduces, ApiProperty, ApiTags } from '@nestjs/swagger';

import { Readiness, type Checks } from '../readiness/readiness.js';
import { Metrics } from './metrics.js';
import { Problems } from './openapi-problems.js';
import { RequestProblem } from './problem.js';
import { Open } from './security.js';

class HealthView {
  @ApiProperty({ description: 'Always `ok`; anything else comes as a problem.', example: 'ok' })
  readonly status!: 'ok';
}

class ChecksView implements Checks {
  @ApiProperty({ enum: ['ok', 'down'], description: 'Whether it answers.' })
  readonly database!: Checks['database'];

  @ApiProperty({
    enum: ['ok', 'pending', 'newer', 'unknown'],
    description: '`newer`: a later version has been at the database, and leaves room for this one until it is replaced.',
  })
  readonly migrations!: Checks['migrations'];

  @ApiProperty({ enum: ['ok', 'lagging', 'unknown'], description: '`lagging`: a job that could be done waits for more than a minute.' })
  readonly worker!: Checks['worker'];

  @ApiProperty({ type: Number, nullable: true, description: 'For how long the oldest such job waits, in seconds.', example: 0 })
  readonly workerLag!: number | null;
}

class ReadinessView {
  @ApiProperty({ enum: ['ok', 'degraded'], description: '`degraded`: it serves, and somebody should look.', example: 'ok' })
  readonly status!: 'ok' | 'degraded';

  @ApiProperty({ type: ChecksView, description: 'What was looked at.' })
  readonly checks!: ChecksView;

  @ApiProperty({ type: [String], description: 'What to do about whatever is not `ok`.', example: [] })
  readonly advice!: string[];
}

const ADVICE = {
  'database down': 'The database does not answer: see DatabaseDown in docs/operations.md.',
  'migrations pending': 'The database is older than this version: start one process of it anew, or run npm run typeorm -- migration:run.',
  'migrations newer': 'A later version has migrated the database: go on with replacing this one.',
  'worker lagging': 'Jobs wait for longer than a minute: see WorkerLag in docs/operations.md.',
} as const;

@ApiTags('operations')
@Open()
@Controller()
export class HealthController {
  constructor(
    private readonly readiness: Readiness,
    private readonly metrics: Metrics,
  ) {}

  @Get('health/live')
  @ApiOperation({ summary: 'Is the process alive?', description: 'Answers while the process can answer at all.' })
  @ApiOkResponse({ type: HealthView })
  live(): HealthView {
    return { status: 'ok' };
  }

  @Get('health/ready')
  @ApiOperation({
    summary: 'Can it serve?',
    description:
      'A problem where the database does not answer or is older than this version. A worker that lags, or a database that a later version has migrated, leaves it able to serve: `degraded`.',
  })
  @ApiOkResponse({ type: ReadinessView })
  @Problems('unavailable')
  async ready(): Promise<ReadinessView> {
    const checks = await this.readiness.look();
    const advice = (['database', 'migrations', 'worker'] as const).flatMap((what) => {
      const said: string = `${what} ${checks[what]}`;
      return said in ADVICE ? [ADVICE[said as keyof typeof ADVICE]] : [];
    });
    if (checks.database === 'down' || checks.migrations === 'pending') {
      throw new RequestProblem('unavailable', advice.join(' '), { checks, advice });
    }
    return { status: advice.length > 0 ? 'degraded' : 'ok', checks, advice };
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
