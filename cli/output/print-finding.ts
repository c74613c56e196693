import type { Finding } from './finding.js';
import { asText, block, lines, printable } from './texts.js';

/** For a person: the verdict first, the cause second, and last the string between two lines. */
export function printFinding(finding: Finding): string {
  const { gateway, verified, readAs, key, detail, reason, cause, content, more = {}, remarks, notice } = finding;
  const head = lines([
    [verified ? 'VERIFIED' : 'NOT VERIFIED', `${gateway}, ${readAs}`],
    ['key', key],
    ['reason', reason === undefined ? undefined : `${reason}: ${detail ?? ''}`],
    ['likeliest cause', cause],
    ...remarks.map((remark) => ['remark', remark] as const),
    ['notice', notice === undefined ? undefined : printable(JSON.stringify(notice))],
    ...Object.entries(more).filter(([, value]) => !value.includes('\n')),
  ]);
  const long = Object.entries(more).filter(([, value]) => value.includes('\n'));
  const blocks = long.map(([title, value]) => block(title, Buffer.from(value)));
  return `${head}${blocks.join('')}${content === undefined ? '' : block('the string that the signature is over', content)}`;
}

/** For a program. `stringBase64` is there where the string is not UTF-8. */
export function findingAsJson(finding: Finding): string {
  const { gateway, verified, readAs, key, detail, reason, cause, content, more = {}, remarks, notice } = finding;
  const text = content === undefined ? undefined : asText(content);
  const members = {
    verdict: verified ? 'verified' : 'not_verified',
    gateway,
    readAs,
    reason: reason ?? null,
    detail: detail ?? null,
    cause: cause ?? null,
    key: key ?? null,
    string: text?.text ?? null,
    ...(text?.lossy === true && { stringBase64: content?.toString('base64') }),
    ...more,
    remarks,
    ...(notice && { notice }),
  };
  return `${JSON.stringify(members, null, 2)}\n`;
}
