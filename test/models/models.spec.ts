import { tryOut } from './sequences.js';
import { RealShop } from './shop.js';

const { MODEL_RUNS, MODEL_SEED, MODEL_PATH, MODEL_REPLAY } = process.env;
/** `npm run models` sets it. */
const IS_LONG = MODEL_RUNS !== undefined;
const RUNS = Number(MODEL_RUNS ?? 12);
const SEED = Number(MODEL_SEED ?? 20_261_127);
const A_DAY = 86_400_000;
const BETWEEN_WORDS = 10_000;

describe('A shop to which anything happens, in any order', () => {
  let shop: RealShop;
  beforeAll(async () => {
    // The worker's library says on the console, too, when its database goes away, which here is no news.
    jest.spyOn(console, 'trace').mockImplementation();
    shop = await RealShop.open();
  });
  afterAll(() => shop.close());

  it(
    'does what the model says',
    async () => {
      const replay = { seed: SEED, ...(MODEL_PATH ? { path: MODEL_PATH } : {}), ...(MODEL_REPLAY ? { replayPath: MODEL_REPLAY } : {}) };
      await tryOut(shop, RUNS, replay, IS_LONG ? sayHowFar() : undefined);
    },
    A_DAY,
  );
});

function sayHowFar(): () => void {
  const began = Date.now();
  let ran = 0;
  let said = began;
  return () => {
    ran += 1;
    const now = Date.now();
    if (now - said < BETWEEN_WORDS && ran < RUNS) return;
    said = now;
    process.stderr.write(`${ran} sequences, ${Math.round((now - began) / 1_000)} s\n`);
  };
}
