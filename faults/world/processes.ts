import { readFileSync, readdirSync, readlinkSync } from 'node:fs';

// What the system knows of processes, out of Linux' /proc.

export interface Process {
  readonly pid: number;
  /** What it calls itself: its command line, or the title that it has given itself. */
  readonly title: string;
}

/** A process and all below it, as far as they still run. */
export function familyOf(pid: number): Process[] {
  const title = read(`/proc/${pid}/cmdline`)?.replaceAll('\0', ' ').trim();
  if (title === undefined || title === '') return [];
  const children = (read(`/proc/${pid}/task/${pid}/children`) ?? '').split(' ').filter(Boolean).map(Number);
  return [{ pid, title }, ...children.flatMap(familyOf)];
}

/** Which of these processes has the connection that begins at this port of this machine, or the other end of it. */
export function ownerOf(port: number, end: 'caller' | 'server', among: readonly Process[]): Process | undefined {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const lines = ['tcp', 'tcp6'].flatMap((table) => (read(`/proc/net/${table}`) ?? '').split('\n'));
  // Source: proc_pid_net(5): sl, local address, remote address, state, …, the inode as the tenth.
  const columns = lines
    .map((line) => line.trim().split(/\s+/))
    .find((each) => each[end === 'caller' ? 1 : 2]?.endsWith(suffix) && each[9] !== '0');
  const socket = `socket:[${columns?.[9]}]`;
  return among.find(({ pid }) => openFilesOf(pid).includes(socket));
}

export function isAlive(pid: number): boolean {
  // One that has ended and that nobody has waited for is still listed.
  return !/^State:\s+[ZX]/m.test(read(`/proc/${pid}/status`) ?? 'State:\tX');
}

/** Answers whether there was somebody to send it to. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name);
  } catch {
    return false;
  }
}

function openFilesOf(pid: number): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).map((name) => {
      try {
        return readlinkSync(`/proc/${pid}/fd/${name}`);
      } catch {
        return '';
      }
    });
  } catch {
    return [];
  }
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return undefined;
  }
}
