/**
 * What a request leaves behind dies young: with more room for it, in mebibytes, less is copied before it is dead. V8 hears it at the
 * start of a process alone, so "start" in package.json says it for a single one.
 */
export const ROOM_FOR_THE_YOUNG = '--max-semi-space-size=64';
