// `npm run security:mutants`: makes small mistakes in the code that guards money, one at a time, and sees that the tests notice each.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { EQUIVALENT } from './equivalent.mjs';
import { mutantsOf, nameOf } from './mutate.mjs';
import { TARGETS } from './targets.mjs';

const USAGE = `npm run security:mutants [-- PART…] [-- --jobs N] [-- --list]

PART     only files whose path has this in it
--jobs   files at once (default: as many as there are cores, at most 4)
--list   names the mutants and runs none
`;
/** A mutant that takes so long has brought the code into a loop, which somebody would notice; specs with a database take their time. */
const LONGEST = 30_000;
const LONGEST_WITH_DATABASE = 60_000;
const LOOK = 500;

process.chdir(fileURLToPath(new URL('../..', import.meta.url)));
const folder = mkdtempSync(join(tmpdir(), 'suanpan-mutants-'));
process.on('exit', () => rmSync(folder, { recursive: true, force: true }));

/** Every mutant of a file, each with how it ended. */
async function examine(file, specs, at) {
  const equivalent = EQUIVALENT[file] ?? {};
  const all = mutantsOf(file, readFileSync(file, 'utf8')).map((mutant, index) => ({ ...mutant, id: index + 1, name: nameOf(mutant) }));
  const stale = Object.keys(equivalent).filter((name) => !all.some((mutant) => mutant.name === name));
  const mutants = all.filter(({ name }) => !Object.hasOwn(equivalent, name));
  const results = new Map();
  // The file as it is comes first: specs that fail anyway would kill everything.
  let wanted = [0, ...mutants.map(({ id }) => id)];
  while (wanted.length > 0) {
    const ended = await runOnce({ file, specs, mutants, wanted, name: join(folder, `${at}`) }, results);
    if (results.get(0) !== null) throw new Error(`${file}: its specs fail without any mutant: ${results.get(0) ?? ended}`);
    const left = wanted.filter((id) => !results.has(id));
    if (left.length === wanted.length) throw new Error(`${file}: the tests could not be run:\n${ended}`);
    wanted = left;
  }
  const survivors = mutants.filter(({ id }) => results.get(id) === null);
  return {
    file,
    made: mutants.length,
    killed: mutants.length - survivors.length,
    equivalent: all.length - mutants.length,
    survivors,
    stale,
  };
}

/** One process with Jest in it, which is ended when it stays with one mutant for too long. */
function runOnce({ file, specs, mutants, wanted, name }, results) {
  const [plan, said] = [`${name}.json`, `${name}.jsonl`];
  writeFileSync(plan, JSON.stringify({ file, specs, mutants, wanted }));
  writeFileSync(said, '');
  const arguments_ = ['node_modules/jest/bin/jest.js', '--config', 'test/mutants/jest.config.mjs', '--runTestsByPath', ...specs];
  const withDatabase = needsDatabase(specs);
  const longest = withDatabase ? LONGEST_WITH_DATABASE : LONGEST;
  const env = { ...process.env, MUTANTS_PLAN: plan, MUTANTS_RESULTS: said, MUTANTS_DATABASE: String(withDatabase) };
  const child = spawn(process.execPath, arguments_, { env, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output = (output + chunk).slice(-4_000)));
  let lines = 0;
  let since = Date.now();
  const watch = setInterval(() => {
    const now = readFileSync(said, 'utf8').split('\n').length;
    if (now !== lines) [lines, since] = [now, Date.now()];
    else if (lines > 1 && Date.now() - since > longest) child.kill('SIGKILL');
  }, LOOK);
  return new Promise((done) => {
    child.once('close', () => {
      clearInterval(watch);
      const entries = readFileSync(said, 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line));
      for (const { id, failed } of entries) if (failed !== undefined) results.set(id, failed);
      const last = entries.at(-1);
      if (last?.begun) results.set(last.id, 'it never ended, or ended the process');
      done(output);
    });
  });
}

/** Specs of a whole world need PostgreSQL; the others are run without. */
function needsDatabase(specs) {
  return specs.some((spec) => readFileSync(spec, 'utf8').includes('support/world.js'));
}

async function main() {
  const { values, positionals } = parseArgs({
    options: { jobs: { type: 'string' }, list: { type: 'boolean' }, help: { type: 'boolean', short: 'h' } },
    allowPositionals: true,
  });
  if (values.help) return void process.stdout.write(USAGE);
  const files = Object.entries(TARGETS).filter(([file]) => positionals.length === 0 || positionals.some((part) => file.includes(part)));
  if (files.length === 0) throw new Error(`there is no file whose path has ${positionals.join(' or ')} in it`);
  const missing = files.flatMap(([, specs]) => specs).filter((spec) => !existsSync(spec));
  if (missing.length > 0) throw new Error(`there is no ${missing.join(', ')}`);
  if (values.list) return list(files);
  const jobs = Number(values.jobs ?? Math.min(availableParallelism(), 4));
  const queue = files.map(([file, specs], at) => ({ file, specs, at }));
  const reports = [];
  const work = async () => {
    for (let next = queue.shift(); next; next = queue.shift()) {
      const began = Date.now();
      // What cannot be said of one file must not keep the others from being examined.
      const report = await examine(next.file, next.specs, next.at).catch((error) => ({ failure: error.message }));
      reports.push(report);
      show(report, Math.round((Date.now() - began) / 1_000));
    }
  };
  await Promise.all(Array.from({ length: jobs }, work));
  conclude(reports);
}

function list(files) {
  for (const [file] of files) {
    for (const mutant of mutantsOf(file, readFileSync(file, 'utf8'))) {
      process.stdout.write(`${file}:${mutant.line} ${mutant.what}: ${nameOf(mutant)}\n`);
    }
  }
}

function show({ failure, file, made, killed, equivalent, survivors, stale }, seconds) {
  if (failure !== undefined) return void process.stdout.write(`FAILED ${failure}\n`);
  process.stdout.write(`${file}: ${killed} of ${made} killed${equivalent > 0 ? `, ${equivalent} equivalent` : ''} (${seconds} s)\n`);
  for (const mutant of survivors) process.stdout.write(`  survived ${file}:${mutant.line} ${mutant.what}\n    ${mutant.name}\n`);
  for (const name of stale) process.stdout.write(`  no such mutant any more: ${name}\n`);
}

function conclude(all) {
  const reports = all.filter(({ failure }) => failure === undefined);
  const total = (count) => reports.reduce((sum, report) => sum + count(report), 0);
  const survived = total(({ survivors }) => survivors.length);
  const stale = total((report) => report.stale.length);
  const [killed, equivalent] = [total((report) => report.killed), total((report) => report.equivalent)];
  process.stdout.write(`\nmutants in ${reports.length} files: ${killed} killed, ${survived} survived, ${equivalent} equivalent\n`);
  if (survived + stale > 0) process.exitCode = 1;
  if (reports.length < all.length) process.exitCode = 2;
}

main().catch((error) => {
  process.stderr.write(`security:mutants: ${error.message}\n`);
  process.exit(2);
});
