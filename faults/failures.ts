/** The command line cannot be used. The message is the one line that a person gets. */
export class UsageError extends Error {}

/** The harness itself could not go on: nothing is said of the program then. */
export class HarnessFailed extends Error {}
