import { getHeapStatistics } from 'node:v8';

/** Of what there is. What is under way needs the rest, and the collector some room to work in. */
const MOST_IN_USE = 0.85;
/** So long a look is good, in milliseconds: a look takes microseconds, and a rush fills little in that time. */
const LOOK_EVERY = 100;

export interface MemoryInUse {
  /** Parts of one: of the heap that V8 may have, or of what the container may have, whichever is nearer to its end. */
  share(): number;
}

/** What V8 and the system say. Source: `v8.getHeapStatistics`, `process.constrainedMemory`, which is 0 or enormous where nothing limits it. */
export const PROCESS_MEMORY: MemoryInUse = {
  share() {
    const { used_heap_size: used, heap_size_limit: most } = getHeapStatistics();
    const constrained = process.constrainedMemory();
    const isConstrained = constrained > 0 && constrained < Number.MAX_SAFE_INTEGER;
    return Math.max(used / most, isConstrained ? process.memoryUsage.rss() / constrained : 0);
  },
};

/** Whether memory is so short that who comes now had better come again. */
export function memoryWatch(memory: MemoryInUse = PROCESS_MEMORY, now: () => number = () => performance.now()): () => boolean {
  let lookedAt = -Infinity;
  let short = false;
  return () => {
    if (now() - lookedAt < LOOK_EVERY) return short;
    lookedAt = now();
    return (short = memory.share() > MOST_IN_USE);
  };
}
