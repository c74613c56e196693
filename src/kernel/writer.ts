/** Something that takes SQL whose answer nobody waits for: the transaction under way, which fails if it does. */
export interface Writer {
  write(sql: string, parameters: unknown[]): void;
}
