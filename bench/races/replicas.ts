import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

import { Suanpan } from '../contenders/suanpan.js';
import { Connection, type Answer } from '../driver/connection.js';
import type { Keys } from '../world/keys.js';
import type { Goods } from '../world/goods.js';

const OVERLOADED = 503;

/** Two copies of the program, each a process of its own, on one database. */
export class Replicas {
  /** How often somebody was told to come again. */
  turnedAway = 0;

  private constructor(private readonly programs: readonly Suanpan[]) {}

  static async start(at: { databaseUrl: string; folder: string; keys: Keys; gatewayUrl: string }): Promise<Replicas> {
    const programs: Suanpan[] = [];
    // One after the other: the first one makes the tables and the merchant.
    for (const name of ['one', 'other']) {
      const folder = join(at.folder, name);
      mkdirSync(folder, { recursive: true });
      programs.push(await Suanpan.start({ ...at, folder, processes: 1 }));
    }
    return new Replicas(programs);
  }

  get urls(): readonly string[] {
    return this.programs.map(({ url }) => url);
  }

  /** So many connections, dealt out to both. */
  connect(count: number): Promise<Connection[]> {
    return Promise.all(Array.from({ length: count }, (_, index) => Connection.open(new URL(this.urls[index % this.urls.length] ?? ''))));
  }

  /** Who is turned away because too many are there comes again, as he was told. */
  async ask(connection: Connection, request: string): Promise<Answer> {
    for (;;) {
      const answer = await connection.send(request);
      if (answer.status !== OVERLOADED) return answer;
      this.turnedAway += 1;
    }
  }

  async sell(goods: Goods): Promise<void> {
    await this.programs[0]?.sell(goods);
  }

  assertAlive(): void {
    for (const program of this.programs) program.assertAlive();
  }

  async stop(): Promise<void> {
    await Promise.all(this.programs.map((program) => program.stop()));
  }
}
