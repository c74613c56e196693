import type { Client } from 'pg';

import type { Statement } from './capture.js';

/** A table of so few pages is read as fast as any index of it. */
const SMALL_PAGES = 16;

/** Each statement is run so often, and its median counts: the first finds nothing in memory. */
const RUNS = 5;

interface PlanNode {
  readonly 'Node Type': string;
  readonly 'Relation Name'?: string;
  readonly 'Index Name'?: string;
  readonly 'Actual Loops'?: number;
  /** On average over the loops. */
  readonly 'Rows Removed by Filter'?: number;
  readonly Plans?: readonly PlanNode[];
}

interface Explained {
  readonly Plan: PlanNode;
  readonly 'Planning Time'?: number;
  readonly 'Execution Time'?: number;
}

export interface Finding {
  readonly statement: Statement;
  /** The scans of large tables, such as `Index Scan events_2026_11_order_id_seq_idx`; of parts alike, the first. */
  readonly scans: readonly string[];
  /** Large tables that were, or would be, read from end to end. */
  readonly readWhole: readonly string[];
  /** Rows that were read and not wanted: what an index leaves to be searched through. */
  readonly thrownAway: number;
  /** In milliseconds, as PostgreSQL measures; undefined where the statement would have changed something and was only planned. */
  readonly execution: number | undefined;
  readonly planning: number | undefined;
}

/** How PostgreSQL goes about statements. Whatever they would change is rolled back. */
export class Planner {
  private constructor(
    private readonly client: Client,
    private readonly large: ReadonlySet<string>,
    private readonly plansGenerically: boolean,
  ) {}

  static async over(client: Client): Promise<Planner> {
    const { rows } = await client.query<{ name: string }>(
      `SELECT relname AS name FROM pg_class WHERE relkind IN ('r', 'm') AND relnamespace = 'public'::regnamespace AND relpages >= $1`,
      [SMALL_PAGES],
    );
    const [version] = (await client.query<{ number: number }>(`SELECT current_setting('server_version_num')::int AS number`)).rows;
    return new Planner(client, new Set(rows.map(({ name }) => name)), (version?.number ?? 0) >= 160_000);
  }

  async look(statement: Statement): Promise<Finding> {
    const nodes: PlanNode[] = [];
    const times: Explained[] = [];
    await this.client.query('BEGIN');
    try {
      const runs = changesNothing(statement) ? RUNS : 0;
      for (let run = 0; run < runs; run += 1) times.push(await this.explain('ANALYZE, TIMING OFF', statement.text, statement.values));
      const plan = times[0] ?? (await this.explain('COSTS OFF', statement.text, statement.values));
      nodes.push(...nodesOf(plan.Plan));
      // Without values, as it is planned for all of them once it has come a few times. Only a simple query takes that.
      if (statement.isNamed && this.plansGenerically) nodes.push(...nodesOf((await this.explain('GENERIC_PLAN', statement.text)).Plan));
    } finally {
      await this.client.query('ROLLBACK');
    }
    const ofLarge = nodes.filter((node) => this.large.has(node['Relation Name'] ?? '') && node['Actual Loops'] !== 0);
    return {
      statement,
      scans: [...new Set(ofLarge.map((node) => `${node['Node Type']} ${withoutMonth(node['Index Name'] ?? node['Relation Name'] ?? '')}`))],
      readWhole: [...new Set(ofLarge.filter((node) => node['Node Type'] === 'Seq Scan').map((node) => node['Relation Name'] ?? ''))],
      thrownAway: ofLarge.reduce((sum, node) => sum + (node['Rows Removed by Filter'] ?? 0) * (node['Actual Loops'] ?? 0), 0),
      execution: median(times.map((time) => time['Execution Time'] ?? 0)),
      planning: median(times.map((time) => time['Planning Time'] ?? 0)),
    };
  }

  private async explain(options: string, text: string, values?: readonly unknown[]): Promise<Explained> {
    const { rows } = await this.client.query<{ 'QUERY PLAN': [Explained] }>({
      text: `EXPLAIN (${options}, FORMAT JSON) ${text}`,
      ...(values === undefined || values.length === 0 ? {} : { values: [...values] }),
    });
    const explained = rows[0]?.['QUERY PLAN'][0];
    if (explained === undefined) throw new Error(`PostgreSQL explained nothing of ${text}`);
    return explained;
  }
}

function changesNothing({ text }: Statement): boolean {
  return !/\b(?:INSERT|UPDATE|DELETE|pg_advisory\w*|add_jobs?)\b/i.test(text.replaceAll(/FOR UPDATE/gi, ''));
}

function nodesOf(node: PlanNode): PlanNode[] {
  return [node, ...(node.Plans ?? []).flatMap(nodesOf)];
}

function withoutMonth(name: string): string {
  return name.replace(/_\d{4}_\d{2}/, '_*');
}

function median(values: readonly number[]): number | undefined {
  return [...values].sort((left, right) => left - right)[values.length >> 1];
}
