/**
 * What a request leaves behind dies young: with more room for it, in mebibytes, less is copied before it is dead. And the heap may
 * grow by twice of what was alive, in per cent, before V8 looks through all of it: by itself it settles for a third where little grows
 * old, and then every few seconds its helpers take the processors for some 50 ms, while whoever is served waits.
 *
 * V8 is to hear it at the start of a process, so "start" in package.json says it for a single one.
 */
export const MEMORY_FLAGS = ['--max-semi-space-size=64', '--heap-growing-percent=200'];
