import type { Report } from './report.js';
import { HEADINGS, markdownTable, outcomeLines, rowsOf } from './table.js';

const BEGIN = '<!-- numbers: npm run bench -- --write-docs writes what stands between these two lines -->';
const END = '<!-- /numbers -->';

/** The document with its numbers replaced. What people wrote around them stays. */
export function withNumbers(document: string, report: Report, chartFile: string): string {
  const [before, rest] = document.split(BEGIN);
  const after = rest?.split(END)[1];
  if (before === undefined || after === undefined) throw new Error('the document has no place for the numbers');
  return `${before}${BEGIN}\n\n${numbers(report, chartFile)}\n\n${END}${after}`;
}

function numbers(report: Report, chartFile: string): string {
  const { machine, postgres, settings } = report;
  const processes = settings.processes === null ? '' : `, ${settings.processes} processes`;
  const shown = Object.entries(postgres.settings).map(([name, value]) => `\`${name}\` ${value}`);
  const facts = [
    `- Measured on ${report.at.slice(0, 10)} with \`${report.command}\`: ${settings.connections} connections, ${settings.rounds} rounds of ${settings.seconds} s, each after ${settings.warmUp} s of warm-up${processes}.`,
    `- Machine: ${machine.cpu}, ${machine.cores} cores, ${machine.memoryGiB} GiB of memory, ${machine.system}; the load average before the start was ${report.loadBefore.toFixed(2)}.`,
    `- Node ${machine.node}, PostgreSQL ${postgres.version} (${postgres.embedded ? 'embedded' : 'a server of its own'}): ${shown.join(', ')}.`,
  ];
  const tables = report.scenarios.map((scenario) => {
    const { title, unit, remarks } = scenario;
    const lines = [...outcomeLines(scenario), ...remarks].map((line) => `- ${line}`);
    const table = `### ${title}\n\n${capital(unit)} a second.\n\n${markdownTable(HEADINGS, rowsOf(scenario))}`;
    return lines.length === 0 ? table : `${table}\n\n${lines.join('\n')}`;
  });
  return [facts.join('\n'), `![The medians as bars](${chartFile})`, ...tables].join('\n\n');
}

const capital = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);
