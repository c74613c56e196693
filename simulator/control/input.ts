/** What a test sent is not what the control API takes. */
export class BadInput extends Error {}

/** Reads a JSON object by name and type. Every field must be known, so that a misspelt one never silently does nothing. */
export class Input {
  private readonly fields: ReadonlyMap<string, unknown>;

  constructor(body: unknown, known: readonly string[]) {
    const value = body === undefined || body === null ? {} : body;
    if (typeof value !== 'object' || Array.isArray(value) || Buffer.isBuffer(value)) throw new BadInput('The body must be a JSON object.');
    this.fields = new Map(Object.entries(value));
    const stranger = [...this.fields.keys()].find((name) => !known.includes(name));
    if (stranger !== undefined) throw new BadInput(`Unknown field ${JSON.stringify(stranger)}. Known: ${known.join(', ')}.`);
  }

  integer(name: string, { from, to }: { from: number; to: number }): number | undefined {
    const value = this.fields.get(name);
    if (value === undefined) return undefined;
    const fits = Number.isSafeInteger(value) && Number(value) >= from && Number(value) <= to;
    if (!fits) throw new BadInput(`${name} must be an integer from ${from} to ${to}.`);
    return Number(value);
  }

  boolean(name: string): boolean | undefined {
    const value = this.fields.get(name);
    if (value !== undefined && typeof value !== 'boolean') throw new BadInput(`${name} must be true or false.`);
    return value;
  }

  text(name: string, longest = 1_000): string | undefined {
    const value = this.fields.get(name);
    if (value === undefined) return undefined;
    if (typeof value !== 'string' || value === '' || value.length > longest)
      throw new BadInput(`${name} must be a text of 1 to ${longest} characters.`);
    return value;
  }

  oneOf<T extends string>(name: string, choices: readonly T[]): T | undefined {
    const value = this.fields.get(name);
    if (value === undefined) return undefined;
    const choice = choices.find((each) => each === value);
    if (choice === undefined) throw new BadInput(`${name} must be one of ${choices.join(', ')}.`);
    return choice;
  }

  url(name: string, schemes: readonly string[] = ['http', 'https']): URL | undefined {
    const value = this.fields.get(name);
    if (value === undefined) return undefined;
    const scheme = typeof value === 'string' ? /^([a-z]+):\/\//i.exec(value)?.[1] : undefined;
    const usable = typeof value === 'string' && scheme !== undefined && schemes.includes(scheme.toLowerCase()) && URL.canParse(value);
    if (!usable) throw new BadInput(`${name} must be an http(s) URL.`);
    return new URL(value);
  }

  /** An object inside the object, read by the same rules. */
  object(name: string, known: readonly string[]): Input | undefined {
    const value = this.fields.get(name);
    if (value === undefined) return undefined;
    if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new BadInput(`${name} must be an object.`);
    return new Input(value, known);
  }

  /** Texts by name, where all of them are texts. */
  texts(name: string): Record<string, string> | undefined {
    if (this.fields.get(name) === undefined) return undefined;
    return Object.fromEntries(
      Object.entries(this.changes(name)).map(([field, text]) => {
        if (text === null) throw new BadInput(`${name}.${field} must be a text.`);
        return [field, text];
      }),
    );
  }

  /** Texts by name; null stands for a field to leave out. */
  changes(name: string): Record<string, string | null> {
    const value = this.fields.get(name) ?? {};
    const changes = new Map<string, string | null>();
    if (typeof value !== 'object' || Array.isArray(value)) throw new BadInput(`${name} must be an object.`);
    for (const [field, change] of Object.entries(value) as [string, unknown][]) {
      if (typeof change !== 'string' && change !== null) throw new BadInput(`${name}.${field} must be a text, or null to leave it out.`);
      changes.set(field, change);
    }
    return Object.fromEntries(changes);
  }
}
