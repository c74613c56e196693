import type { Connection } from './connection.js';

/** One whole thing that a client does over one connection. Answers how it ended, or nothing where there is no more to do. Throws `UnexpectedAnswer`. */
export type Flow = (connection: Connection) => Promise<string | undefined>;

/** What is told while it runs, so that others can look at their clocks. */
export interface Stages {
  measuring(): void;
  measured(): void;
}
