type Changes = Readonly<Record<string, string | null>>;

const ENVELOPE = 'envelope.';

/** A test's changes, apart: those of the envelope, and those of what is encrypted inside it. */
export function apart(changes: Changes): { envelope: Changes; resource: Changes } {
  const entries = Object.entries(changes);
  const envelope = entries
    .filter(([name]) => name.startsWith(ENVELOPE))
    .map(([name, text]) => [name.slice(ENVELOPE.length), text] as const);
  return { envelope: Object.fromEntries(envelope), resource: Object.fromEntries(entries.filter(([name]) => !name.startsWith(ENVELOPE))) };
}

/** `{'amount.total': '1'}` changes the total inside the amount. What was a number stays one; null leaves a field out. */
export function altered(value: Readonly<Record<string, unknown>>, changes: Changes): Record<string, unknown> {
  const copy = structuredClone(value) as Record<string, unknown>;
  for (const [name, text] of Object.entries(changes)) {
    const path = name.split('.');
    const last = path.pop() ?? '';
    const holder = path.reduce(insideOf, copy);
    if (text === null) Reflect.deleteProperty(holder, last);
    else holder[last] = typeof holder[last] === 'number' && /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : text;
  }
  return copy;
}

function insideOf(holder: Record<string, unknown>, name: string): Record<string, unknown> {
  const inner = holder[name];
  if (typeof inner === 'object' && inner !== null) return inner as Record<string, unknown>;
  const made: Record<string, unknown> = {};
  holder[name] = made;
  return made;
}
