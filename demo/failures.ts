/** A step of the story went wrong. The message is the one line that the reader gets. */
export class StepFailed extends Error {}

/** The command line or a setting cannot be used. */
export class UsageError extends Error {}
