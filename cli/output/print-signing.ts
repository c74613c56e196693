import type { Signing } from '../sign/signable.js';
import { block, lines } from './texts.js';

/** For a person: what it came to first, and the string last. */
export function printSigning({ gateway, what, content, signature, more, remarks, comparison }: Signing): string {
  const verdict =
    comparison === undefined ? (signature === undefined ? 'NOT SIGNED' : 'SIGNED') : comparison.same ? 'THE SAME' : 'NOT THE SAME';
  const head = lines([
    [verdict, `${gateway}, ${what}`],
    ['likeliest cause', comparison?.cause],
    ...remarks.map((remark) => ['remark', remark] as const),
    ['signature', signature],
    ...Object.entries(more),
  ]);
  return `${head}${block('the string to sign', content)}`;
}

/** For a program. `expected` is null where there was nothing to compare with. */
export function signingAsJson({ gateway, what, content, signature, more, remarks, comparison }: Signing): string {
  const expected = comparison === undefined ? null : comparison.same ? 'same' : 'different';
  const members = {
    gateway,
    what,
    string: content.toString('utf8'),
    signature: signature ?? null,
    ...more,
    expected,
    cause: comparison?.cause ?? null,
    remarks,
  };
  return `${JSON.stringify(members, null, 2)}\n`;
}
