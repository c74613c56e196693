/** The attack had an effect, or what is honest had none, so that nothing would have been shown. */
export class Succeeded extends Error {}

export function must(holds: boolean, otherwise: string): asserts holds {
  if (!holds) throw new Succeeded(otherwise);
}

export function same(actual: unknown, expected: unknown, what: string): void {
  const [is, wanted] = [JSON.stringify(actual), JSON.stringify(expected)];
  must(is === wanted, `${what}: ${short(is)} instead of ${short(wanted)}`);
}

/** Refused as the client's fault, with whichever code. */
export function refused({ status, text }: { readonly status: number; readonly text: string }, what: string): void {
  must(status >= 400 && status < 500, `${what} was answered with ${status} ${short(text)}`);
}

function short(text: string | undefined): string {
  return text === undefined ? 'nothing' : text.length > 300 ? `${text.slice(0, 300)} …` : text;
}
