import fc from 'fast-check';

import type { Answer } from '../support/api-client.js';
import type { Deed } from './deed.js';
import type { Model, Said } from './model.js';
import type { Body, RealShop } from './shop.js';

/** One command of a sequence. */
export type ShopCommand = fc.AsyncCommand<Model, RealShop>;

/** A deed, once. */
export class Once implements ShopCommand {
  constructor(private readonly deed: Deed) {}

  check(model: Readonly<Model>): boolean {
    return this.deed.isPossible(model);
  }

  async run(model: Model, shop: RealShop): Promise<void> {
    const answer = await this.deed.send(model, shop, shop.newKey());
    hold(this.deed.happen(model, answer.body), answer);
  }

  toString(): string {
    return this.deed.toString();
  }
}

/** A deed whose request is sent several times at once, under one key: it is done once. */
export class Repeated implements ShopCommand {
  constructor(
    private readonly deed: Deed,
    private readonly times: number,
  ) {}

  check(model: Readonly<Model>): boolean {
    return this.deed.isPossible(model);
  }

  async run(model: Model, shop: RealShop): Promise<void> {
    const key = shop.newKey();
    const answers = await Promise.all(Array.from({ length: this.times }, () => this.deed.send(model, shop, key)));
    const settled = answers.filter(({ body }) => body.code !== 'idempotency_in_progress');
    const [first] = settled;
    expect(settled.length).toBeGreaterThan(0);
    if (!first) return;
    hold(this.deed.happen(model, first.body), first);
    expect(settled.map(outlineOf)).toEqual(settled.map(() => outlineOf(first)));
  }

  toString(): string {
    return `${this.deed.toString()} × ${this.times}`;
  }
}

/**
 * A deed in whose midst the program loses its database, dies, and starts anew. Whoever asked for it asks again with the same key.
 * It has happened once, and what was acknowledged before has happened so.
 */
export class Interrupted implements ShopCommand {
  constructor(
    private readonly deed: Deed,
    private readonly packets: number,
  ) {}

  check(model: Readonly<Model>): boolean {
    return this.deed.isPossible(model);
  }

  async run(model: Model, shop: RealShop): Promise<void> {
    const key = shop.newKey();
    shop.losesTheDatabaseAfter(this.packets);
    const first = await this.deed.send(model, shop, key).catch(() => undefined);
    await shop.crash();
    const answer = await this.deed.send(model, shop, key);
    hold(this.deed.happen(model, answer.body), answer);
    if (first !== undefined && first.status < 300) expect(outlineOf(answer)).toEqual(outlineOf(first));
  }

  toString(): string {
    return `${this.deed.toString()}, interrupted after ${this.packets}`;
  }
}

/** The program answers as the model says. */
function hold(said: Said, { status, body }: Answer<Body>): void {
  expect({ status, code: body.code }).toEqual({ status: said.status, code: said.code });
}

const outlineOf = ({ status, body }: Answer<Body>) => ({ status, id: body.id });
