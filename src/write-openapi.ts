import 'reflect-metadata';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { OpenAPIObject } from '@nestjs/swagger';
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

import { AppModule } from './app.module.js';
import { openApiDocument } from './platform/http/openapi.js';

const FILE = '.data/openapi.json';
const PUBLIC_URL = 'http://127.0.0.1:3000';

/** The document that the program serves, without running it: its classes are read, and none is made, so no database is needed. */
export async function documentUnstarted(): Promise<OpenAPIObject> {
  const module = AppModule.forRoot({
    platform: { database: { url: 'postgres://nobody@127.0.0.1/none' } },
    payment: { publicUrl: PUBLIC_URL, secretsKeys: [Buffer.alloc(32)] },
    autoCompleteAfterDays: 10,
  });
  const app = await NestFactory.create<NestFastifyApplication>(module, new FastifyAdapter(), {
    preview: true,
    logger: false,
    abortOnError: false,
  });
  try {
    return openApiDocument(app, PUBLIC_URL);
  } finally {
    await app.close();
  }
}

async function main(): Promise<void> {
  const document = await documentUnstarted();
  mkdirSync(dirname(FILE), { recursive: true });
  writeFileSync(FILE, `${JSON.stringify(document, null, 2)}\n`);
}

// The tests import this file; only as a program does it write.
if (process.argv[1] === fileURLToPath(import.meta.url)) void main();
