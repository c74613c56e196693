/** Something that answers SQL: the transaction under way, as far as one who only reads needs to know it. */
export interface Reader {
  query<Row extends object>(sql: string, parameters: unknown[]): Promise<Row[]>;
}
