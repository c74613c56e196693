import type { OpenAPIObject } from '@nestjs/swagger';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { documentUnstarted } from '../../src/write-openapi.js';
import { API_TABLE, PROMISED_MEMBERS } from './api-table.js';
import { ROOT, runTool } from './tree.js';

interface Schema {
  $ref?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  allOf?: Schema[];
  description?: string;
}

interface Operation {
  summary?: string;
  tags?: string[];
  security?: unknown[];
  parameters?: { name: string; in: string; description?: string }[];
  requestBody?: { content: Record<string, { schema: Schema }> };
  responses: Record<string, { content?: Record<string, { schema: Schema }> }>;
}

type Paths = Record<string, Record<string, Operation>>;

let document: OpenAPIObject;

beforeAll(async () => {
  document = await documentUnstarted();
});

const operationsOf = ({ paths }: OpenAPIObject) =>
  Object.entries(paths as unknown as Paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => ({ name: `${method.toUpperCase()} ${path}`, operation })),
  );

function operation(name: string): Operation {
  const found = operationsOf(document).find((one) => one.name === name);
  if (!found) throw new Error(`the document has no ${name}`);
  return found.operation;
}

function schemaOf(schema: Schema | undefined): Schema {
  const name = schema?.$ref?.split('/').pop();
  return name === undefined ? (schema ?? {}) : (((document.components?.schemas ?? {}) as Record<string, Schema>)[name] ?? {});
}

/** The members of a body, those that may be absent with a `?`. */
function membersOf({ requestBody }: Operation): string[] {
  const { properties = {}, required = [] } = schemaOf(requestBody?.content['application/json']?.schema);
  return Object.keys(properties).map((member) => (required.includes(member) ? member : `${member}?`));
}

describe('The OpenAPI document', () => {
  it('has every answer that a gateway may get', () => {
    const { responses } = operation('POST /v1/callbacks/{gateway}/{topic}');
    // The words for success and for failure: Alipay's and UnionPay's are text, WeChat Pay's is JSON; Alipay's failure is a 200.
    for (const status of ['200', '400'])
      expect(Object.keys(responses[status]?.content ?? {}).sort()).toEqual(['application/json', 'text/plain']);
    expect(Object.keys(responses).sort()).toEqual(['200', '400', '404', '413', '503']);
  });

  it('has every address that clients were promised', () => {
    const names = operationsOf(document).map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(API_TABLE.map(({ operation: promised }) => promised)));
  });

  it.each(API_TABLE)('$operation succeeds with $status, and with nothing else', ({ operation: name, status }) => {
    const successes = Object.keys(operation(name).responses).filter((code) => code.startsWith('2'));
    expect(successes).toEqual([String(status)]);
  });

  it.each(API_TABLE.filter(({ body }) => body))('$operation takes the members that were promised', ({ operation: name, body = [] }) => {
    expect(membersOf(operation(name)).sort()).toEqual([...body].sort());
  });

  it.each(API_TABLE.filter(({ query }) => query))('$operation takes the query that was promised', ({ operation: name, query = [] }) => {
    const taken = (operation(name).parameters ?? []).filter((parameter) => parameter.in === 'query').map((parameter) => parameter.name);
    expect(taken.sort()).toEqual([...query].sort());
  });

  it.each(Object.entries(PROMISED_MEMBERS))('%s shows the members that were promised', (name, members) => {
    const { responses } = operation(name);
    const [success] = Object.entries(responses).filter(([code]) => code.startsWith('2'));
    const shown = schemaOf(success?.[1].content?.['application/json']?.schema).properties ?? {};
    expect(Object.keys(shown)).toEqual(expect.arrayContaining([...members]));
  });

  it('offers an Idempotency-Key on every POST that could do something twice', () => {
    const without = operationsOf(document)
      .filter(({ name }) => name.startsWith('POST /v1/'))
      .filter(({ operation: { parameters = [] } }) => !parameters.some((parameter) => parameter.name === 'Idempotency-Key'))
      .map(({ name }) => name);
    // A key that is shown once is not kept to be shown again; a gateway repeats its notices in its own way.
    expect(without.sort()).toEqual([
      'POST /v1/api-keys',
      'POST /v1/api-keys/{id}/rotate',
      'POST /v1/callbacks/{gateway}/{topic}',
      'POST /v1/merchants',
    ]);
  });
});

describe('The rules for the OpenAPI document', () => {
  const folder = mkdtempSync(join(tmpdir(), 'suanpan-openapi-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  async function findings(name: string, linted: OpenAPIObject): Promise<string[]> {
    const file = join(folder, name);
    writeFileSync(file, JSON.stringify(linted));
    const args = ['lint', '--quiet', '--format', 'json', '--ruleset', join(ROOT, '.spectral.yaml'), file];
    const found = JSON.parse(await runTool('@stoplight/spectral-cli/dist/index.js', args, ROOT)) as { code: string; severity: number }[];
    // Errors and warnings alike.
    return [...new Set(found.filter(({ severity }) => severity <= 1).map(({ code }) => code))].sort();
  }

  /** The document with one fault for each of our own rules, and a reference that leads nowhere. */
  function broken(): OpenAPIObject {
    const copy = structuredClone(document);
    const at = (name: string) => operationsOf(copy).find((one) => one.name === name)?.operation ?? operation(name);
    delete at('GET /v1/products').summary;
    at('GET /v1/products/{sku}').parameters?.forEach((parameter) => delete parameter.description);
    delete schemas(copy).OrderView?.properties?.amountDue?.description;
    delete at('GET /v1/orders').security;
    delete at('GET /v1/orders').responses['403'];
    delete at('POST /v1/orders').responses['413'];
    delete at('GET /v1/orders/{id}').responses['404'];
    const refused = at('GET /v1/refunds/{id}').responses['401'];
    if (refused?.content) refused.content = { 'application/json': { schema: {} } };
    const placing = schemas(copy).PlaceOrderBody?.properties;
    if (placing) placing.lost = { $ref: '#/components/schemas/Nothing' };
    return copy;
  }

  const schemas = (of: OpenAPIObject) => (of.components?.schemas ?? {}) as Record<string, Schema | undefined>;

  it('find nothing in ours, and each fault in one with a fault for each rule', async () => {
    const [ours, faults] = await Promise.all([findings('ours.json', document), findings('broken.json', broken())]);
    const own = [...readFileSync(join(ROOT, '.spectral.yaml'), 'utf8').matchAll(/^ {2}([a-z-]+):$/gm)].map(([, rule]) => rule);
    expect(own.length).toBeGreaterThan(5);
    expect(ours).toEqual([]);
    expect(faults).toEqual([...own, 'invalid-ref'].sort());
  });
});
