import { randomBytes } from 'node:crypto';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

import { createDatabase, type TestDatabase } from '../support/databases.js';
import { apiKey } from './canaries.js';
import { CompiledProgram } from './program.js';

/** Writes down from which packages the process has read code of CommonJS. */
const WATCHER = `
const { Module } = require('node:module');
const { writeFileSync } = require('node:fs');
const packages = new Set();
const compile = Module.prototype._compile;
Module.prototype._compile = function (text, file, ...more) {
  const [, name] = /.*node_modules\\/((?:@[^/]+\\/)?[^/]+)/.exec(file) ?? [];
  if (name !== undefined) packages.add(name);
  return compile.call(this, text, file, ...more);
};
process.on('exit', () => writeFileSync(process.env.PACKAGES_READ, JSON.stringify([...packages])));
`;

/** They hold nothing that two copies would know differently: one puts what it has where all find it, the others are functions. */
const MAY_BE_TWICE = ['reflect-metadata', 'tslib', 'debug', 'has-flag', 'ms', 'picomatch', 'supports-color', 'xtend'];

describe('The program in a few files', () => {
  let compiled: CompiledProgram;
  let database: TestDatabase;
  beforeAll(async () => {
    compiled = CompiledProgram.compile();
    database = await createDatabase();
  });
  afterAll(async () => {
    await compiled.remove();
    await database.drop();
  });

  it('has each package once: none is in it and read beside it', async () => {
    const folder = join(compiled.folder, 'program');
    const bundled = readdirSync(folder)
      .filter((name) => name.endsWith('.map'))
      .flatMap((name) => (JSON.parse(readFileSync(join(folder, name), 'utf8')) as { sources: string[] }).sources)
      .flatMap((source) => /.*node_modules\/((?:@[^/]+\/)?[^/]+)/.exec(source)?.[1] ?? []);
    const list = join(compiled.folder, 'packages.json');
    const program = compiled.start({
      NODE_ENV: 'production',
      PUBLIC_URL: 'https://shop.example.com',
      PORT: '0',
      WEB_CONCURRENCY: '1',
      DATABASE_URL: database.url,
      BOOTSTRAP_API_KEY: apiKey(),
      SECRETS_KEY: randomBytes(32).toString('base64'),
      NODE_OPTIONS: `--require=${compiled.write('watcher.cjs', WATCHER)}`,
      PACKAGES_READ: list,
    });
    const url = await program.url();
    const page = await fetch(`${url}/docs/swagger-ui-bundle.js`);
    expect([page.status, (await page.text()).length > 0]).toEqual([200, true]);
    await program.stop();
    const beside = JSON.parse(readFileSync(list, 'utf8')) as string[];
    expect(beside).toEqual(expect.arrayContaining(['typeorm', 'pg']));
    expect(new Set(bundled).size).toBeGreaterThan(50);
    const both = beside.filter((name) => bundled.includes(name) && !MAY_BE_TWICE.includes(name));
    expect(both).toEqual([]);
  });

  it('names classes, and no function anew each time that it is made', () => {
    const folder = join(compiled.folder, 'program');
    const lines = readdirSync(folder)
      .filter((name) => name.endsWith('.js'))
      .flatMap((name) => readFileSync(join(folder, name), 'utf8').split('\n'));
    const named = lines.flatMap((line) => /\b__name\((.*)\)/.exec(line)?.[1] ?? []);
    expect(named).toEqual(expect.arrayContaining(['this, "OrderController"', 'this, "OrdersToExpire1765700000000"']));
    // What is left are classes, and what two packages call the same.
    expect(named.filter((given) => !/^this, "|^([\w$]+)\d+, "\1"$/.test(given))).toEqual([]);
  });
});
