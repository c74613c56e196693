/** The command line cannot be used. The message is the one line that a person gets. */
export class UsageError extends Error {}

/** A run that must not count: an answer that nobody expects, a promise that is broken, a program that ended. */
export class BenchFailed extends Error {}
