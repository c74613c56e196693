import { setTimeout as pause } from 'node:timers/promises';

const LOOK_EVERY_MS = 100;
const GIVE_UP_AFTER_MS = 30_000;

/** Looks again and again until `done` is content with what is there, and gives up after 30 s. Answers what was seen last. */
export async function until<Seen>(look: () => Promise<Seen>, done: (seen: Seen) => boolean): Promise<Seen> {
  const deadline = performance.now() + GIVE_UP_AFTER_MS;
  for (;;) {
    const seen = await look();
    if (done(seen) || performance.now() >= deadline) return seen;
    await pause(LOOK_EVERY_MS);
  }
}
