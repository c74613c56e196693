// `npm start` as a newcomer runs it: what it prints, how it is stopped, and what it leaves behind.
import { spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';

import { expect, killGroup } from './tally.mjs';

const LAST_LINE = 'Ctrl-C stops it';

export const NPM_START = ['npm', 'start', '--silent'];
/** What `npm start` runs, without npm and its shell, so that its exit code can be seen. */
export const PROGRAM_ITSELF = ['node', 'scripts/start.mjs'];

/** Starts the program and waits until it has printed what a newcomer reads. */
export async function start([command, ...args], { folder, env, user, within }) {
  const began = performance.now();
  const child = spawn(command, args, {
    cwd: folder,
    env: { ...process.env, ...env },
    ...user,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const exited = new Promise((done) => child.once('exit', (code, signal) => done({ code, signal })));
  await new Promise((ready, fail) => {
    const timer = setTimeout(() => {
      killGroup(child.pid);
      fail(new Error(`${output}\nnot ready after ${within / 1000} s`));
    }, within);
    const take = (chunk) => {
      output += chunk;
      if (!output.includes(LAST_LINE)) return;
      clearTimeout(timer);
      ready();
    };
    child.stdout.setEncoding('utf8').on('data', take);
    child.stderr.setEncoding('utf8').on('data', take);
    child.once('error', (error) => (clearTimeout(timer), fail(error)));
    void exited.then(({ code, signal }) => {
      clearTimeout(timer);
      fail(new Error(`${output}\nit ended by itself: ${code ?? signal}`));
    });
  });
  const printed = (pattern) => pattern.exec(output)?.[1];
  return {
    seconds: (performance.now() - began) / 1000,
    output: () => output,
    url: printed(/API +(\S+)\/v1\n/),
    simulatorUrl: printed(/simulated at (\S+?)\/? /),
    apiKey: printed(/API key +(\S+)/),
    database: printed(/data in (\S+)/),
    curls: output
      .split('\n')
      .filter((line) => line.trim().startsWith('curl '))
      .map((line) => line.trim()),
    /** A signal to the one process that was started. */
    terminate: () => child.kill('SIGTERM'),
    /** What a terminal does at Ctrl-C. */
    interrupt: () => process.kill(-child.pid, 'SIGINT'),
    /** kill -9 to npm, the shell and the program at once. What the program started is left to notice by itself. */
    kill: () => killGroup(child.pid),
    /** How it ended, within 20 s. */
    end: () => Promise.race([exited, pause(20_000, { code: 'still running after 20 s' }, { ref: false })]),
  };
}

/** Waits until nothing runs any more that names one of the texts in its command line or its settings. */
export async function gone(texts, within) {
  if (process.platform !== 'linux') return;
  const deadline = performance.now() + within;
  for (;;) {
    const left = processesNaming(texts);
    if (left.length === 0) return;
    expect(performance.now() < deadline, `still running:\n${left.join('\n')}`);
    await pause(100);
  }
}

function processesNaming(texts) {
  const read = (pid, file) => {
    try {
      return readFileSync(`/proc/${pid}/${file}`, 'utf8').replaceAll('\0', ' ');
    } catch {
      return '';
    }
  };
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)
    .filter((pid) => texts.some((text) => `${read(pid, 'cmdline')} ${read(pid, 'environ')}`.includes(text)))
    .map((pid) => `${pid} ${read(pid, 'cmdline').slice(0, 200)}`);
}

export async function freePorts(count) {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise((done) => {
          const server = createServer().listen(0, '127.0.0.1', () => done(server));
        }),
    ),
  );
  const ports = servers.map((server) => server.address().port);
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  return ports;
}
