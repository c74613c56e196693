/** The command line cannot be used. The message is the one line that a person gets. */
export class UsageError extends Error {}

/** The corpus could not be run: the program did not start, or ended by itself. */
export class CannotRun extends Error {}
