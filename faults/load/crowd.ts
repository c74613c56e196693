import type { Random } from '../random.js';
import { live } from './life.js';
import type { Shop } from './shop.js';

/** Customers who come one after the other, so many at a time. */
export class Crowd {
  private over = false;
  private readonly done: Promise<unknown>;

  constructor(shop: Shop, size: number, random: Random) {
    this.done = Promise.all(Array.from({ length: size }, () => this.comeAndGo(shop, random.fork())));
  }

  /** Nobody comes any more; answers once everybody has left. */
  async leaves(): Promise<void> {
    this.over = true;
    await this.done;
  }

  private async comeAndGo(shop: Shop, random: Random): Promise<void> {
    while (!this.over) await live(shop, random);
  }
}
