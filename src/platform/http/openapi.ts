import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';

const PROBLEM_SCHEMA = {
  type: 'object',
  description: 'What went wrong, as RFC 9457 has it. `code` is stable; `title` comes in English or Chinese by Accept-Language.',
  required: ['type', 'title', 'status', 'detail', 'instance', 'code'],
  properties: {
    type: { type: 'string', format: 'uri', description: 'The code as a URI.', example: 'urn:suanpan:problem:insufficient_stock' },
    title: { type: 'string', description: 'The code in words, in English or Chinese.', example: 'Not enough stock' },
    status: { type: 'integer', description: 'The HTTP status.', example: 409 },
    detail: { type: 'string', description: 'For a person: what is wrong here and what to do.' },
    instance: { type: 'string', description: 'The path that was asked for.', example: '/v1/orders' },
    code: { type: 'string', description: 'For a program: branch on this.', example: 'insufficient_stock' },
    errors: {
      type: 'array',
      description: 'With `invalid_request`: each field that is wrong.',
      items: {
        type: 'object',
        required: ['path', 'message'],
        properties: {
          path: { type: 'string', description: 'The field.', example: 'items.0.quantity' },
          message: { type: 'string', description: 'What it must be.', example: 'must be at least 1' },
        },
      },
    },
  },
  additionalProperties: true,
} as const;

const DESCRIPTION = `Orders, stock and payments that always add up.

Press **Authorize** and paste your API key (\`npm start\` prints one). Amounts are integers in minor units (fen). Every POST takes an
\`Idempotency-Key\`. Errors are \`application/problem+json\` with a stable \`code\`.`;

/** The OpenAPI document of the program, as it serves it at /docs/openapi.json. */
export function openApiDocument(app: NestFastifyApplication, publicUrl: string): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setTitle('Suanpan 算盘')
    .setDescription(DESCRIPTION)
    .setVersion('1')
    .setLicense('MIT', 'https://opensource.org/license/mit')
    .addServer(publicUrl)
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'An API key: `sk_test_…` or `sk_live_…`.' })
    .addTag('catalog', 'Products and their prices')
    .addTag('inventory', 'Stock, and each change of it')
    .addTag('orders', 'Orders, from placing to completion')
    .addTag('payments', 'Attempts to pay at a gateway')
    .addTag('refunds', 'Money on its way back')
    .addTag('callbacks', 'The notices that gateways send, and the inbox that keeps them')
    .addTag('discrepancies', 'Where a gateway and the books disagree, for a person to look at')
    .addTag('merchants', 'Merchants and their API keys')
    .addTag('operations', 'For those who run it');
  const document = SwaggerModule.createDocument(app, builder.build(), {
    operationIdFactory: (controller, method) => `${controller.replace(/Controller$/, '')}_${method}`,
  });
  // The builder would add an empty e-mail address, which is none.
  document.info.contact = { name: 'Suanpan', url: publicUrl };
  document.components = { ...document.components, schemas: { ...document.components?.schemas, Problem: PROBLEM_SCHEMA as never } };
  return document;
}
