import { setFlagsFromString } from 'node:v8';

/**
 * How much more than what was alive V8 lets pile up before it looks through all of it, in per cent. By itself it settles for a third
 * where little grows old: then every two or three seconds its helpers take the processors for some 50 ms, and whoever is served meanwhile waits.
 */
export const ROOM_FOR_THE_OLD = '--heap-growing-percent=200';

/** V8 looks at it whenever it has collected, so it may be told at any time. What the heap may have at the most stays as it is. */
export function giveRoomToTheOld(): void {
  setFlagsFromString(ROOM_FOR_THE_OLD);
}
