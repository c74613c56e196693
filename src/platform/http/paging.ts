import { ApiProperty } from '@nestjs/swagger';

import { isId } from '../../kernel/ids.js';
import { PatternField, QueryIntegerField } from './fields.js';
import { invalidRequest } from './problem.js';

/** How much of a list, and from where. */
export class PageQuery {
  @QueryIntegerField({ description: 'How many entries at the most.', example: 20, min: 1, max: 100, optional: true })
  limit: number = 20;

  @PatternField({
    description: 'The `nextCursor` of the page before.',
    pattern: /^[A-Za-z0-9_-]{1,64}$/,
    says: 'must be the `nextCursor` of another page',
    optional: true,
  })
  cursor?: string;
}

/** A page of a list, newest first. */
export interface Page<Item> {
  readonly data: readonly Item[];
  readonly nextCursor: string | null;
}

/** A list is ordered by a position that only grows, so that a page stays what it was while others are added. */
export function pageOf<Row, Item>(
  rows: readonly Row[],
  limit: number,
  position: (row: Row) => string | number,
  show: (row: Row) => Item,
): Page<Item> {
  const last = rows.length > limit ? rows[limit - 1] : undefined;
  return {
    data: rows.slice(0, limit).map(show),
    nextCursor: last === undefined ? null : Buffer.from(String(position(last))).toString('base64url'),
  };
}

/** The id that a cursor stands for; rows after it are older. */
export function idCursor(cursor: string | undefined): string | undefined {
  return decode(cursor, isId);
}

/** The number that a cursor stands for. */
export function numberCursor(cursor: string | undefined): number | undefined {
  const text = decode(cursor, (value) => /^\d{1,15}$/.test(value));
  return text === undefined ? undefined : Number(text);
}

function decode(cursor: string | undefined, valid: (text: string) => boolean): string | undefined {
  if (cursor === undefined) return undefined;
  const text = Buffer.from(cursor, 'base64url').toString('utf8');
  if (valid(text)) return text;
  throw invalidRequest([{ path: 'cursor', message: 'must be the `nextCursor` of another page' }]);
}

/** The class of a page of `Item`, for the OpenAPI document. */
export function PageView<Item extends object>(item: new () => Item): new () => Page<Item> {
  class ItemPage implements Page<Item> {
    @ApiProperty({ type: [item], description: 'The entries, newest first.' })
    readonly data!: Item[];

    @ApiProperty({ type: String, nullable: true, description: 'Give it as `cursor` for the next page; null on the last.' })
    readonly nextCursor!: string | null;
  }
  Object.defineProperty(ItemPage, 'name', { value: `${item.name.replace(/View$/, '')}Page` });
  return ItemPage;
}
