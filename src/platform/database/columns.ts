import { getMetadataArgsStorage } from 'typeorm';

type Entity = new () => object;

/** The columns of an entity under the names of its properties, as SELECT lists them: `o.id AS "id", o.merchant_id AS "merchantId", …`. */
export function columnsOf(entity: Entity, alias: string): string {
  return columns(entity)
    .map(({ column, property }) => `${alias}.${column} AS "${property}"`)
    .join(', ');
}

/** The same as one JSON object, for a row that has several others: without times and bytes, which JSON does not have. */
export function objectOf(entity: Entity, alias: string): string {
  const members = columns(entity).map(({ column, property }) => `'${property}', ${alias}.${column}`);
  return `json_build_object(${members.join(', ')})`;
}

function columns(entity: Entity): { readonly column: string; readonly property: string }[] {
  return getMetadataArgsStorage()
    .filterColumns(entity)
    .map(({ propertyName, options }) => ({ column: options.name ?? propertyName, property: propertyName }));
}
