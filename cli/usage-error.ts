/** The command was not given as its help says. The message is one line, and all that a person at the terminal sees. */
export class UsageError extends Error {}
