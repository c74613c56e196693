import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { Pool, PoolClient, QueryConfig } from 'pg';
import type { DataSource } from 'typeorm';

import { Batcher, type Settled } from '../../kernel/batcher.js';
import type { Reader } from '../../kernel/reader.js';
import { poolOf } from './data-source.js';
import { isUnavailable } from './database-errors.js';
import { prepared } from './prepared.js';

/** So many share a connection and its packets, the later ones waiting for the earlier; and so many connections are used at most. */
const TOGETHER = { batchSize: 20, batchesInFlight: 4 };

/** What is asked outside of any unit of work: as of the last commit. Questions that come at once go out together. */
@Injectable()
export class Reads implements Reader {
  private readonly together = new Batcher((asked: readonly QueryConfig[]) => this.ask(asked), TOGETHER);

  private readonly pool: Pool;

  constructor(@InjectDataSource() dataSource: DataSource) {
    this.pool = poolOf(dataSource);
  }

  /** Parameterised SQL as a prepared statement: the text must be a constant. Answers the rows. */
  async query<Row extends object>(sql: string, parameters: unknown[]): Promise<Row[]> {
    return (await this.together.submit(prepared(sql, parameters))) as Row[];
  }

  /** The same, planned for these values alone: for lists, whose filters and limits decide which way is the shortest. */
  async list<Row extends object>(sql: string, parameters: unknown[]): Promise<Row[]> {
    return (await this.together.submit({ text: sql, values: parameters })) as Row[];
  }

  /** Each fails for itself. A connection that was lost is not used again. */
  private async ask(asked: readonly QueryConfig[]): Promise<Settled<unknown[]>[]> {
    const client = await this.pool.connect();
    let lost: Error | undefined;
    const lose = (error: Error) => void (lost = error);
    client.on('error', lose);
    try {
      return await Promise.all(
        asked.map((one) =>
          send(client, one).then(
            (rows) => ({ ok: true, value: rows }) as const,
            (error: Error) => {
              if (isUnavailable(error)) lose(error);
              return { ok: false, error } as const;
            },
          ),
        ),
      );
    } finally {
      client.off('error', lose);
      client.release(lost);
    }
  }
}

/** What has no name is planned for its values, which the connection would not do by itself. */
async function send(client: PoolClient, one: QueryConfig): Promise<unknown[]> {
  const isNamed = one.name !== undefined;
  const [, { rows }] = await Promise.all([
    isNamed ? undefined : client.query('SET plan_cache_mode = force_custom_plan'),
    client.query<object>(one),
    isNamed ? undefined : client.query('RESET plan_cache_mode'),
  ]);
  return rows;
}
