import type { Family } from './attack.js';
import type { Result } from './run.js';

/** One line for an attack that was made. */
export function line({ attack: { name, after }, succeeded, seconds }: Result): string {
  const outcome = succeeded === undefined ? 'ok  ' : 'FAIL';
  return `${outcome}  ${seconds.toFixed(1).padStart(5)} s  ${name}  [${after}]${succeeded === undefined ? '' : `\n              ${succeeded}`}`;
}

/** How many of each family came to nothing, and how many did not. */
export function table(results: readonly Result[]): string {
  const families = [...new Set(results.map(({ family }) => family))];
  const count = (of: readonly Result[]) => [
    of.filter(({ succeeded }) => succeeded === undefined).length,
    of.filter(({ succeeded }) => succeeded !== undefined).length,
  ];
  const rows = families.map((family) => [family, ...count(results.filter((one) => one.family === family)).map(String)]);
  const all = [['family', 'passed', 'failed'], ...rows, ['all', ...count(results).map(String)]];
  const widths = [0, 1, 2].map((column) => Math.max(...all.map((row) => row[column]?.length ?? 0)));
  return all
    .map((row) => row.map((cell, column) => (column === 0 ? cell.padEnd(widths[0] ?? 0) : cell.padStart(widths[column] ?? 0))).join('  '))
    .join('\n');
}

export function listed(families: readonly Family[]): string {
  return families.flatMap(({ name, attacks }) => ['', name, ...attacks.map((attack) => `  ${attack.name}  [${attack.after}]`)]).join('\n');
}
