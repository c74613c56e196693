import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { OpenAPIObject } from '@nestjs/swagger';

type Schema = Readonly<Record<string, unknown>>;
type Schemas = Readonly<Record<string, object>>;

const COMPONENT = /^#\/components\/schemas\/(.+)$/;

/** What is there for people. */
const REMARKS = new Set(['description', 'example', 'examples']);

/**
 * Has Fastify write answers as the OpenAPI document describes them, by functions that it makes of the schemas when the program
 * starts: what the document does not name cannot leave. Before the routes are registered.
 */
export function writeBySchema(app: NestFastifyApplication, { paths, components }: OpenAPIObject): void {
  const schemas = components?.schemas ?? {};
  app
    .getHttpAdapter()
    .getInstance()
    .addHook('onRoute', (route) => {
      const path = route.url.replace(/:(\w+)/g, '{$1}');
      const method = String(route.method).toLowerCase() as 'get';
      const answers = Object.entries(paths[path]?.[method]?.responses ?? {}).flatMap(([status, answer]) => {
        const schema = answer !== undefined && 'content' in answer ? answer.content?.['application/json']?.schema : undefined;
        return status.startsWith('2') && schema !== undefined ? [[status, writable(schema, schemas)] as const] : [];
      });
      if (answers.length > 0) route.schema = { ...route.schema, response: Object.fromEntries(answers) };
    });
}

/** As Fastify takes it, whole. What may be one of several is written as it is: to find out which costs more than to write it. */
function writable(schema: object, schemas: Schemas): Schema {
  if ('$ref' in schema) return writable(schemas[COMPONENT.exec(String(schema.$ref))?.[1] ?? ''] ?? {}, schemas);
  if ('oneOf' in schema) return {};
  const [whole, nullable] = 'allOf' in schema ? [(schema.allOf as object[])[0] ?? {}, 'nullable' in schema] : [schema, false];
  if (whole !== schema) return { ...writable(whole, schemas), ...(nullable ? { nullable } : {}) };
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([name]) => !REMARKS.has(name))
      .map(([name, value]: [string, unknown]) => [name, partOf(name, value, schemas)]),
  );
}

function partOf(name: string, value: unknown, schemas: Schemas): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  if (name !== 'properties') return writable(value, schemas);
  return Object.fromEntries(Object.entries(value as Schemas).map(([property, schema]) => [property, writable(schema, schemas)]));
}
