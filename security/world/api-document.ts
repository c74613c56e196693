import type { Client } from './client.js';
import type { Body } from './http.js';

interface Schema {
  readonly $ref?: string;
  readonly type?: string;
  readonly format?: string;
  readonly enum?: readonly unknown[];
  readonly example?: unknown;
  readonly minimum?: number;
  readonly items?: Schema;
  readonly allOf?: readonly Schema[];
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
}

interface DocumentedOperation {
  readonly parameters?: readonly { readonly in: string; readonly name: string; readonly schema?: Schema }[];
  readonly requestBody?: { readonly content?: Readonly<Record<string, { readonly schema?: Schema; readonly example?: unknown }>> };
  readonly security?: readonly unknown[];
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, DocumentedOperation>>>>;
  readonly components?: { readonly schemas?: Readonly<Record<string, Schema>> };
}

/** An address of the API, as its own document tells it. */
export interface Operation {
  readonly method: string;
  readonly route: string;
  readonly isOpen: boolean;
  readonly query: readonly string[];
  readonly fields: readonly string[];
  /** A body that would be good, as far as the examples say. */
  readonly body: Readonly<Record<string, unknown>> | undefined;
}

/** A gateway account that was added could become the one that the honest are paid at: it is never quite good. */
const harmless = (route: string, body: Body): Body => (route === '/v1/admin/gateway-accounts' ? { ...body, settings: {} } : body);

const METHODS = new Set(['get', 'post', 'put', 'patch', 'delete']);

export async function operationsOf(client: Client): Promise<readonly Operation[]> {
  const { text } = await client.get('/docs/openapi.json');
  const document = JSON.parse(text) as Document;
  return Object.entries(document.paths).flatMap(([route, operations]) =>
    Object.entries(operations)
      .filter(([method]) => METHODS.has(method))
      .map(([method, operation]) => {
        const content = operation.requestBody?.content?.['application/json'];
        const schema = resolved(document, content?.schema);
        return {
          method: method.toUpperCase(),
          route,
          isOpen: (operation.security ?? []).length === 0,
          query: (operation.parameters ?? []).filter((one) => one.in === 'query').map(({ name }) => name),
          fields: Object.keys(schema?.properties ?? {}),
          body: content === undefined ? undefined : harmless(route, (content.example ?? exampleOf(document, schema)) as Body),
        };
      }),
  );
}

function resolved(document: Document, schema: Schema | undefined): Schema | undefined {
  const name = schema?.$ref?.split('/').at(-1) ?? schema?.allOf?.[0]?.$ref?.split('/').at(-1);
  return name === undefined ? schema : document.components?.schemas?.[name];
}

function exampleOf(document: Document, given: Schema | undefined): unknown {
  const schema = resolved(document, given);
  if (schema?.example !== undefined) return schema.example;
  if (schema?.enum !== undefined) return schema.enum[0];
  switch (schema?.type ?? '') {
    case 'object':
      return Object.fromEntries(Object.entries(schema?.properties ?? {}).map(([name, one]) => [name, exampleOf(document, one)]));
    case 'array':
      return [exampleOf(document, schema?.items)];
    case 'integer':
    case 'number':
      return schema?.minimum ?? 1;
    case 'boolean':
      return true;
    default:
      return schema?.format === 'uuid' ? '01999999-0000-7000-8000-000000000000' : 'x';
  }
}
