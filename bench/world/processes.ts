import { readFileSync, readdirSync } from 'node:fs';

interface Process {
  readonly parent: number;
  /** Clock ticks of its own, and of its children that have ended. */
  readonly ticks: number;
}

// USER_HZ, which Linux has kept at 100 on every platform.
const MICROSECONDS_A_TICK = 10_000;

/** CPU time in microseconds that each process and all below it have had. Undefined where there is no /proc to ask. */
export function cpuOf(roots: readonly number[]): number | undefined {
  const processes = readProcesses();
  if (processes === undefined) return undefined;
  return withAllBelow(roots, processes).reduce((all, pid) => all + (processes.get(pid)?.ticks ?? 0), 0) * MICROSECONDS_A_TICK;
}

/** Bytes of memory that a process and all below it hold at this moment, what they share counted for each. */
export function residentBytesOf(root: number): number | undefined {
  const processes = readProcesses();
  if (processes === undefined) return undefined;
  return withAllBelow([root], processes).reduce((all, pid) => all + residentKilobytes(pid), 0) * 1_024;
}

function residentKilobytes(pid: number): number {
  try {
    return Number(/^VmRSS:\s*(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0);
  } catch {
    return 0;
  }
}

function withAllBelow(roots: readonly number[], processes: ReadonlyMap<number, Process>): number[] {
  const found = new Set<number>();
  let below = roots.filter((pid) => processes.has(pid));
  while (below.length > 0) {
    for (const pid of below) found.add(pid);
    below = [...processes].flatMap(([pid, { parent }]) => (found.has(parent) && !found.has(pid) ? [pid] : []));
  }
  return [...found];
}

/** CPU time of children of ours that have ended. */
export function cpuOfEndedChildren(): number | undefined {
  try {
    const fields = statFields(readFileSync('/proc/self/stat', 'utf8'));
    return fields.slice(13, 15).reduce((all, field) => all + Number(field), 0) * MICROSECONDS_A_TICK;
  } catch {
    return undefined;
  }
}

function readProcesses(): Map<number, Process> | undefined {
  let entries: string[];
  try {
    entries = readdirSync('/proc');
  } catch {
    return undefined;
  }
  const processes = new Map<number, Process>();
  for (const entry of entries) {
    if (!/^\d+$/.test(entry)) continue;
    try {
      processes.set(Number(entry), parseStat(readFileSync(`/proc/${entry}/stat`, 'utf8')));
    } catch {
      // It ended while we looked.
    }
  }
  return processes.size === 0 ? undefined : processes;
}

/** A line of /proc/<pid>/stat. */
export function parseStat(line: string): Process {
  const fields = statFields(line);
  return { parent: Number(fields[1]), ticks: fields.slice(11, 15).reduce((all, field) => all + Number(field), 0) };
}

/**
 * From its third field on: state and ppid; utime, stime, cutime and cstime are the 14th to the 17th (proc(5)). The name in it may hold
 * spaces and brackets, so what follows the last bracket is read.
 */
function statFields(line: string): string[] {
  return line.slice(line.lastIndexOf(')') + 2).split(' ');
}
