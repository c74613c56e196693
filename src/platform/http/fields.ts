import { applyDecorators } from '@nestjs/common';
import { ApiProperty, type ApiPropertyOptions } from '@nestjs/swagger';
import {
  ArrayMaxSize,
  ArrayMinSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsString,
  Length,
  Matches,
  Max,
  Min,
  ValidateBy,
  ValidateIf,
  ValidateNested,
} from 'class-validator';

import { isId } from '../../kernel/ids.js';
import { MAX_AMOUNT } from '../../kernel/money.js';
import { ItemsOf, ReadBy } from './compiled-class.js';

// One decorator a field: what the program checks and what the OpenAPI document says cannot drift apart.

interface FieldOptions {
  readonly description: string;
  readonly example?: unknown;
  readonly optional?: boolean;
}

/** SKUs stand in addresses and file names: letters, digits, `.`, `_`, `-`. */
export const SKU_PATTERN = /^[A-Za-z0-9._-]{1,64}$/;

// PostgreSQL cannot store NUL, and a lone surrogate is no text at all.
const STORABLE = /^(?:[^\0\ud800-\udfff]|[\ud800-\udbff][\udc00-\udfff])*$/;

function field(options: FieldOptions, schema: ApiPropertyOptions, ...checks: PropertyDecorator[]): PropertyDecorator {
  const { description, example, optional = false } = options;
  const property = { description, required: !optional, ...(example === undefined ? {} : { example }), ...schema } as ApiPropertyOptions;
  return applyDecorators(ApiProperty(property), ...checks, ...(optional ? [ValidateIf((_, value) => value !== undefined)] : []));
}

export function TextField(options: FieldOptions & { readonly max: number; readonly min?: number }): PropertyDecorator {
  const { min = 1, max } = options;
  return field(
    options,
    { type: String, minLength: min, maxLength: max },
    IsString({ message: 'must be text' }),
    Length(min, max, { message: `must have ${min} to ${max} characters` }),
    Matches(STORABLE, { message: 'must not contain NUL or half characters' }),
  );
}

export function SkuField(options: FieldOptions): PropertyDecorator {
  return field(
    options,
    { type: String, minLength: 1, maxLength: 64, pattern: SKU_PATTERN.source },
    Matches(SKU_PATTERN, { message: 'must have 1 to 64 letters, digits, `.`, `_` or `-`' }),
  );
}

export function IntegerField(options: FieldOptions & { readonly min: number; readonly max: number }): PropertyDecorator {
  const { min, max } = options;
  return field(
    options,
    { type: 'integer', minimum: min, maximum: max },
    IsInt({ message: 'must be a whole number' }),
    Min(min, { message: `must be at least ${min}` }),
    Max(max, { message: `must be at most ${max}` }),
  );
}

/** Money: an integer of minor units (fen). */
export function AmountField(options: FieldOptions & { readonly min?: number }): PropertyDecorator {
  return IntegerField({ min: 0, max: MAX_AMOUNT, ...options });
}

export function ChoiceField(options: FieldOptions & { readonly of: readonly string[] }): PropertyDecorator {
  return field(
    options,
    { type: String, enum: [...options.of] },
    IsIn([...options.of], { message: `must be one of ${options.of.join(', ')}` }),
  );
}

export function PatternField(options: FieldOptions & { readonly pattern: RegExp; readonly says: string }): PropertyDecorator {
  return field(options, { type: String, pattern: options.pattern.source }, Matches(options.pattern, { message: options.says }));
}

export function IdField(options: FieldOptions): PropertyDecorator {
  return field(
    options,
    { type: String, format: 'uuid' },
    ValidateBy(
      { name: 'isId', validator: { validate: (value) => typeof value === 'string' && isId(value) } },
      { message: 'must be a UUID' },
    ),
  );
}

const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);

/** A list of objects. `unique` names the member that no two of them may share. */
export function ListField<Item extends object>(
  item: () => new () => Item,
  options: FieldOptions & { readonly min: number; readonly max: number; readonly unique?: (item: Item) => unknown },
): PropertyDecorator {
  const { min, max, unique } = options;
  return field(
    options,
    // An arrow of this name is what @nestjs/swagger takes for a class to be looked up later.
    { type: () => item(), isArray: true, minItems: min, maxItems: max },
    IsArray({ message: 'must be a list' }),
    ArrayMinSize(min, { message: `must have at least ${min} entries` }),
    ArrayMaxSize(max, { message: `must have at most ${max} entries` }),
    ValidateBy(
      { name: 'hasObjects', validator: { validate: (value) => Array.isArray(value) && value.every(isObject) } },
      { message: 'must hold objects' },
    ),
    ValidateNested({ message: 'must be an object' }),
    ItemsOf(item),
    ...(unique
      ? [ArrayUnique((entry: Item | null) => (entry === null ? entry : unique(entry)), { message: 'must not name one SKU twice' })]
      : []),
  );
}

export function ChoicesField(options: FieldOptions & { readonly of: readonly string[] }): PropertyDecorator {
  return field(
    options,
    { type: String, isArray: true, enum: [...options.of], minItems: 1, maxItems: options.of.length },
    IsArray({ message: 'must be a list' }),
    ArrayMinSize(1, { message: 'must have at least 1 entry' }),
    ArrayUnique({ message: 'must not repeat' }),
    IsIn([...options.of], { each: true, message: `must be of ${options.of.join(', ')}` }),
  );
}

/** JSON that can be stored and given back as it came: finite numbers, storable text, and not too much of it. */
function isStorableJson(value: unknown, depth: number): boolean {
  if (value === null || typeof value === 'boolean') return true;
  if (typeof value === 'number') return Number.isFinite(value);
  if (typeof value === 'string') return STORABLE.test(value);
  return (
    depth > 0 &&
    typeof value === 'object' &&
    Object.entries(value).every(([name, member]) => STORABLE.test(name) && isStorableJson(member, depth - 1))
  );
}

const isJsonObject = (value: unknown): boolean =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  isStorableJson(value, 4) &&
  JSON.stringify(value).length <= 16_384;

/** Texts by name, such as the settings of an account. Each has at most `max` characters. */
export function TextsField(options: FieldOptions & { readonly max: number }): PropertyDecorator {
  const { max } = options;
  const isText = (value: unknown) => typeof value === 'string' && value.length <= max && STORABLE.test(value);
  const validate = (value: unknown) =>
    isObject(value) && Object.keys(value as object).length <= 32 && Object.values(value as object).every(isText);
  return field(
    options,
    { type: 'object', additionalProperties: { type: 'string', maxLength: max } },
    ValidateBy({ name: 'isTexts', validator: { validate } }, { message: `must be an object of texts, each of at most ${max} characters` }),
  );
}

export function FlagField(options: FieldOptions): PropertyDecorator {
  return field(options, { type: Boolean }, IsBoolean({ message: 'must be true or false' }));
}

/** The merchant's own JSON: kept and given back, never read. */
export function JsonObjectField(options: FieldOptions): PropertyDecorator {
  const message = 'must be a JSON object of at most 16,384 characters and 4 levels, without NUL characters';
  return field(
    options,
    { type: 'object', additionalProperties: true },
    ValidateBy({ name: 'isJsonObject', validator: { validate: isJsonObject } }, { message }),
  );
}

/** An http(s) address that a payer's browser is sent to. */
export function WebAddressField(options: FieldOptions): PropertyDecorator {
  const validate = (value: unknown) => {
    if (typeof value !== 'string' || value.length > 256 || !/^https?:\/\/[^\s\0<>"'\\]+$/.test(value)) return false;
    return URL.canParse(value) && new URL(value).username === '' && new URL(value).password === '';
  };
  return field(
    options,
    { type: String, format: 'uri', maxLength: 256 },
    ValidateBy(
      { name: 'isWebAddress', validator: { validate } },
      { message: 'must be an http or https address of at most 256 characters' },
    ),
  );
}

/** A number in a query string. */
export function QueryIntegerField(options: FieldOptions & { readonly min: number; readonly max: number }): PropertyDecorator {
  const toNumber = ReadBy((value) => (typeof value === 'string' && /^-?\d{1,15}$/.test(value) ? Number(value) : value));
  return applyDecorators(toNumber, IntegerField(options));
}

const INSTANT = /^(\d{4})-(\d{2})-(\d{2})T(?:[01]\d|2[0-3]):[0-5]\d(?::[0-5]\d(?:\.\d{1,6})?)?(?:Z|[+-](?:0\d|1[0-4]):[0-5]\d)$/;

/** A day that exists, in a year that a shop can have orders of. The engine's own parser would take 30 February for 2 March. */
function isInstant(text: string): boolean {
  const [, year, month, day] = (INSTANT.exec(text) ?? []).map(Number);
  if (year === undefined || month === undefined || day === undefined || year < 1970) return false;
  const date = new Date(Date.UTC(year, month - 1, day));
  return date.getUTCMonth() === month - 1 && date.getUTCDate() === day;
}

/** An instant in ISO 8601 with its offset. */
export function InstantField(options: FieldOptions): PropertyDecorator {
  const validate = (value: unknown) => typeof value === 'string' && isInstant(value);
  return field(
    options,
    { type: String, format: 'date-time' },
    ValidateBy(
      { name: 'isInstant', validator: { validate } },
      { message: 'must be an ISO 8601 time with an offset, such as 2026-01-31T08:00:00Z' },
    ),
  );
}
