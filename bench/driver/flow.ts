import type { Connection } from './connection.js';

/** One whole thing that a client does over one connection. Answers how it ended. Throws `UnexpectedAnswer`. */
export type Flow = (connection: Connection) => Promise<string>;
