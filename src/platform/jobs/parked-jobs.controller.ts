import { Controller, Get, HttpCode, Param, ParseIntPipe, Post } from '@nestjs/common';
import { ApiOkResponse, ApiOperation, ApiParam, ApiProperty, ApiTags } from '@nestjs/swagger';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';

import type { Caller } from '../../contracts/api-keys.port.js';
import { JobRetried } from '../../contracts/job-retried.js';
import { notFound } from '../../kernel/domain-error.js';
import { Commands, type CommandRequest } from '../commands/commands.js';
import { CommandParam, Idempotent } from '../http/command-request.js';
import { NoFields } from '../http/no-fields.js';
import { Problems } from '../http/openapi-problems.js';
import { invalidRequest } from '../http/problem.js';
import { CallerParam, RequireScope } from '../http/security.js';
import { scrub } from '../secrets/scrub.js';

class ParkedJobView {
  @ApiProperty({ description: 'The number of the job.', example: 17 })
  readonly id!: number;

  @ApiProperty({ description: 'What it was to do.', example: 'payment.send_refund' })
  readonly task!: string;

  @ApiProperty({ description: 'How often it was tried.', example: 25 })
  readonly attempts!: number;

  @ApiProperty({ type: String, nullable: true, description: 'What went wrong the last time.' })
  readonly lastError!: string | null;

  @ApiProperty({ type: String, format: 'date-time', description: 'When it was written down.' })
  readonly createdAt!: string;
}

class ParkedJobList {
  @ApiProperty({ type: [ParkedJobView], description: 'The parked jobs, newest first, at most 100.' })
  readonly data!: ParkedJobView[];
}

const SELECT = `SELECT id, task_identifier AS task, attempts, left(last_error, 500) AS "lastError", created_at AS "createdAt"
                  FROM graphile_worker.jobs WHERE attempts >= max_attempts`;

/** Work that failed as often as it may: it holds up nothing else, and waits for somebody to look. */
@ApiTags('operations')
@Controller('v1/admin/jobs')
export class ParkedJobsController {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly commands: Commands,
  ) {}

  @Get('parked')
  @RequireScope('admin')
  @ApiOperation({ summary: 'Jobs that keep failing', description: 'Each was tried as often as it may be.' })
  @ApiOkResponse({ type: ParkedJobList })
  async list(): Promise<ParkedJobList> {
    const parked = await this.dataSource.query<ParkedJobView[]>(`${SELECT} ORDER BY id DESC LIMIT 100`);
    return { data: parked.map(shown) };
  }

  @Post('parked/:id/retry')
  @HttpCode(200)
  @RequireScope('admin')
  @NoFields()
  @Idempotent()
  @ApiOperation({ summary: 'Run a parked job again', description: 'It starts anew, with all its tries.' })
  @ApiParam({ name: 'id', description: 'The number of the job.', schema: { type: 'integer', minimum: 1, example: 17 } })
  @ApiOkResponse({ type: ParkedJobView })
  @Problems('not_found')
  retry(
    @Param('id', new ParseIntPipe({ exceptionFactory: () => invalidRequest([{ path: 'id', message: 'must be a whole number' }]) }))
    id: number,
    @CallerParam() { merchantId }: Caller,
    @CommandParam() request: CommandRequest,
  ): Promise<ParkedJobView> {
    return this.commands.run(request, async (work) => {
      const [job] = await work.query<ParkedJobView>(`${SELECT} AND id = $1`, [Math.min(id, Number.MAX_SAFE_INTEGER)]);
      if (!job) throw notFound('not_found', 'No parked job has this number.');
      await work.query('SELECT count(*) FROM graphile_worker.reschedule_jobs(ARRAY[$1::bigint], run_at := now(), attempts := 0)', [id]);
      work.publish(new JobRetried({ merchantId, orderId: null, jobId: job.id, task: job.task }));
      return shown(job);
    });
  }
}

/** An error may quote what it tripped over. */
function shown<Job extends ParkedJobView>(job: Job): Job {
  return { ...job, lastError: job.lastError === null ? null : scrub(job.lastError) };
}
