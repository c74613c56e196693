/** As much of a schema as the document uses. */
export interface Schema {
  readonly $ref?: string;
  readonly allOf?: readonly Schema[];
  readonly type?: string;
  readonly nullable?: boolean;
  readonly enum?: readonly unknown[];
  readonly format?: string;
  readonly pattern?: string;
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | Schema;
}

export type Schemas = Readonly<Record<string, Schema>>;

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Where a value is not what a schema says, or nothing where it is. A member that the schema does not name is none of it. */
export function flaws(value: unknown, given: Schema, schemas: Schemas, at = ''): readonly string[] {
  const schema = resolved(given, schemas);
  if (value === null) return schema.nullable === true || schema.type === undefined ? [] : [`${at}: null`];
  if (schema.enum !== undefined && !schema.enum.includes(value)) return [`${at}: ${JSON.stringify(value)} is none of the choices`];
  switch (schema.type ?? '') {
    case 'object':
      return isObject(value) ? ofObject(value, schema, schemas, at) : [`${at}: is no object`];
    case 'array':
      return Array.isArray(value)
        ? value.flatMap((entry, index) => flaws(entry, schema.items ?? {}, schemas, `${at}/${index}`))
        : [`${at}: is no list`];
    case 'string':
      return typeof value === 'string' ? ofText(value, schema, at) : [`${at}: is no text`];
    case 'integer':
      return Number.isSafeInteger(value) ? [] : [`${at}: is no whole number`];
    case 'number':
      return typeof value === 'number' ? [] : [`${at}: is no number`];
    case 'boolean':
      return typeof value === 'boolean' ? [] : [`${at}: is neither true nor false`];
    default:
      return [];
  }
}

function ofObject(value: Readonly<Record<string, unknown>>, schema: Schema, schemas: Schemas, at: string): readonly string[] {
  const { properties = {}, required = [], additionalProperties } = schema;
  const missing = required.filter((name) => !Object.hasOwn(value, name)).map((name) => `${at}/${name}: is missing`);
  // An object without any members of its own in the document may hold whatever it likes.
  const isClosed = Object.keys(properties).length > 0 && additionalProperties === undefined;
  const others = isClosed ? Object.keys(value).filter((name) => !Object.hasOwn(properties, name)) : [];
  const within = Object.entries(value).flatMap(([name, member]) => {
    const property = Object.hasOwn(properties, name) ? properties[name] : undefined;
    return property === undefined ? [] : flaws(member, property, schemas, `${at}/${name}`);
  });
  return [...missing, ...others.map((name) => `${at}/${name}: is not in the document`), ...within];
}

function ofText(value: string, { format, pattern }: Schema, at: string): readonly string[] {
  if (format === 'uuid' && !UUID.test(value)) return [`${at}: is no UUID`];
  if (format === 'date-time' && Number.isNaN(Date.parse(value))) return [`${at}: is no time`];
  return pattern === undefined || new RegExp(pattern).test(value) ? [] : [`${at}: does not have its pattern`];
}

function resolved(schema: Schema, schemas: Schemas): Schema {
  const name = schema.$ref?.split('/').at(-1);
  if (name !== undefined) return resolved(schemas[name] ?? {}, schemas);
  if (schema.allOf === undefined) return schema;
  const { allOf, ...own } = schema;
  return Object.assign({}, ...allOf.map((one) => resolved(one, schemas)), own) as Schema;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
