import type { Pool } from 'pg';

/** Another one was quicker: the same call once more finds what it left (40001), or the answer that it gave (23505). */
const AGAIN = new Set(['40001', '40P01', '23505']);
const MOST_TRIES = 5;

/** One function call as a prepared statement and a transaction of its own: one round trip. */
export class Call {
  private readonly text: string;

  constructor(
    private readonly pool: Pool,
    private readonly name: string,
    parameters: number,
  ) {
    const places = Array.from({ length: parameters }, (_, index) => `$${index + 1}`).join(', ');
    this.text = `SELECT bench.${name}(${places}) AS answer`;
  }

  async run(values: readonly unknown[]): Promise<string> {
    for (let tries = 1; ; tries += 1) {
      try {
        const { rows } = await this.pool.query<{ answer: string }>({ name: this.name, text: this.text, values: [...values] });
        return rows[0]?.answer ?? '';
      } catch (error) {
        if (tries === MOST_TRIES || !AGAIN.has((error as { code?: string }).code ?? '')) throw error;
      }
    }
  }
}
