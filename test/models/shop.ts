import { MINUTE } from '../../src/kernel/clock.js';
import type { Answer } from '../support/api-client.js';
import { World } from '../support/world.js';
import { Cable } from '../support/cable.js';

export type Body = Record<string, unknown> & { readonly id: string; readonly status: string; readonly code?: string };

/** The real thing: the program over HTTP, on a database that it reaches by a cable, and gateways that do what they are told. */
export class RealShop {
  private sequences = 0;
  private keys = 0;

  private constructor(
    private its: World,
    private cable: Cable,
  ) {}

  static async open(): Promise<RealShop> {
    const { world, cable } = await built();
    return new RealShop(world, cable);
  }

  get world(): World {
    return this.its;
  }

  /** A shop that has seen nothing yet, in the place of one that was left in the midst of something. */
  async startOver(): Promise<void> {
    await this.close();
    const { world, cable } = await built();
    this.its = world;
    this.cable = cable;
  }

  async close(): Promise<void> {
    await this.world.close();
    this.cable.remove();
  }

  /** Products of its own for each sequence. */
  async stockUp(levels: ReadonlyMap<string, { readonly onHand: number }>, prices: Readonly<Record<string, number>>): Promise<void> {
    this.sequences += 1;
    for (const [sku, { onHand }] of levels) {
      await this.world.addProduct({ sku: this.skuOf(sku), price: prices[sku] ?? 0, stock: onHand });
    }
  }

  skuOf(name: string): string {
    return `${name}-${this.sequences}`;
  }

  newKey(): string {
    this.keys += 1;
    return `model-${this.keys}`;
  }

  post(path: string, body: unknown, idempotencyKey: string): Promise<Answer<Body>> {
    return this.world.api.post<Body>(path, body, { idempotencyKey });
  }

  async get<Found = Body>(path: string): Promise<Found> {
    const { status, body } = await this.world.api.get<Found>(path);
    if (status !== 200) throw new Error(`GET ${path}: ${status} ${JSON.stringify(body)}`);
    return body;
  }

  /** From now on the database gets so many more packets of the program's, and then both hear no more of one another. */
  losesTheDatabaseAfter(packets: number): void {
    this.cable.cutAfter(packets);
  }

  /** The program ends without a word to anybody, and starts anew on what it has left in the database. */
  async crash(): Promise<void> {
    const former = this.cable;
    former.cutNow();
    this.cable = await Cable.lay(this.world.database.url);
    await this.world.startAnew(this.cable.url);
    former.remove();
    await this.freeJobs();
  }

  async passTime(milliseconds: number): Promise<void> {
    await this.world.passTime(milliseconds);
  }

  /** What hours would do: jobs whose worker has died are free again, and those that wait for another try are due. */
  private async freeJobs(): Promise<void> {
    await this.world.db.query(
      `SELECT graphile_worker.force_unlock_workers(ARRAY(SELECT DISTINCT locked_by FROM graphile_worker.jobs WHERE locked_by IS NOT NULL))`,
    );
    await this.world.db.query(`SELECT graphile_worker.reschedule_jobs(ARRAY(SELECT id FROM graphile_worker.jobs), run_at => now())`);
  }
}

/** Longer than any question waits for its turn. */
export const A_WHILE = 6 * MINUTE;
/** Longer than an order waits for its payer, and its attempts besides. */
export const LONG = 32 * MINUTE;

async function built(): Promise<{ readonly world: World; readonly cable: Cable }> {
  const world = await World.create();
  const cable = await Cable.lay(world.database.url);
  await world.startAnew(cable.url);
  await world.payer.noticesAre('drop');
  // Refunds that a gateway accepts first end when a sequence says so.
  await world.payer.refundsEnd({ hold: true });
  return { world, cable };
}
