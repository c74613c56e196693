import { textTable } from '../../bench/report/table.js';
import type { Weather } from '../load/client.js';
import type { Judgement } from '../judge/judge.js';
import type { Line, Tally } from './tally.js';

const ROWS_SHOWN = 20;
const HEADINGS = ['fault', 'injected', 'killed', 'sent again', 'acknowledged and lost', 'recovery: median', 'longest', 'bound'] as const;

const seconds = (milliseconds: number | undefined): string => (milliseconds === undefined ? '–' : `${(milliseconds / 1000).toFixed(2)} s`);

/** The table of the kinds. */
export function kindsTable({ lines }: Tally): string {
  return textTable(
    HEADINGS,
    lines.map((line) => [
      line.kind.name,
      ...[line.injected, line.killed, line.again, line.lost].map(String),
      seconds(median(line.recoveries)),
      line.never > 0 ? 'never' : seconds(line.recoveries.length === 0 ? undefined : Math.max(...line.recoveries)),
      seconds(line.kind.bound),
    ]),
  );
}

/** How the clients fared. */
export function weatherLines({ again, defects, givenUp }: Weather): string[] {
  const sorted = [...again].sort(([, one], [, other]) => other - one);
  return [
    `sent again, by why: ${sorted.length === 0 ? 'none' : sorted.map(([why, times]) => `${why} ${times}`).join(', ')}`,
    `given up without an answer: ${givenUp}`,
    ...[...defects].map(([what, { times, example }]) => `an answer that is a defect, ${times} times: ${what} ${example}`),
  ];
}

/** What is wrong, a line each; none where every promise was kept. */
export function wrongLines(judgement: Judgement, tally: Tally, patience: number): string[] {
  return [
    ...judgement.verdicts
      .filter(({ broken }) => broken.length > 0)
      .flatMap(({ what, broken }) => [`${what}: ${broken.length}`, ...shown(broken)]),
    ...tally.lines.flatMap(({ kind, wrong }) => (wrong.length === 0 ? [] : [`${kind.name}: ${wrong.length}`, ...shown(wrong)])),
    ...tally.lines.flatMap((line) => slowness(line, patience)),
  ];
}

function slowness({ kind, recoveries, never }: Line, patience: number): string[] {
  const bound = (kind.bound ?? Number.POSITIVE_INFINITY) * patience;
  const late = recoveries.filter((recovery) => recovery > bound).length;
  return [
    ...(never > 0 ? [`${kind.name}: ${never} times it did not recover`] : []),
    ...(late > 0 ? [`${kind.name}: ${late} times recovery took longer than ${seconds(bound)}`] : []),
  ];
}

function shown(rows: readonly string[]): string[] {
  const more = rows.length > ROWS_SHOWN ? [`    and ${rows.length - ROWS_SHOWN} more`] : [];
  return [...rows.slice(0, ROWS_SHOWN).map((row) => `    ${row}`), ...more];
}

function median(values: readonly number[]): number | undefined {
  return [...values].sort((one, other) => one - other)[Math.floor(values.length / 2)];
}
