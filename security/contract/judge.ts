import { flaws, type Schema, type Schemas } from './conforms.js';

interface Response {
  readonly $ref?: string;
  readonly content?: Readonly<Record<string, { readonly schema?: Schema }>>;
}

interface Document {
  readonly paths: Readonly<Record<string, Readonly<Record<string, { readonly responses?: Readonly<Record<string, Response>> }>>>>;
  readonly components?: { readonly schemas?: Schemas; readonly responses?: Readonly<Record<string, Response>> };
}

export interface Exchange {
  readonly method: string;
  readonly path: string;
  readonly status: number;
  readonly type: string;
  readonly text: string;
}

/** Holds answers against the document: each must have a status that its operation names, and the body that stands there. */
export class Judge {
  private readonly document: Document;
  private readonly routes: readonly { readonly route: string; readonly pattern: RegExp }[];
  /** What was found, and how often. */
  readonly findings = new Map<string, number>();
  readonly statuses = new Map<number, number>();
  readonly operations = new Set<string>();

  constructor(text: string) {
    this.document = JSON.parse(text) as Document;
    this.routes = Object.keys(this.document.paths)
      // What is written out comes before what a name could stand for.
      .sort((one, other) => one.split('{').length - other.split('{').length)
      .map((route) => ({ route, pattern: new RegExp(`^${route.replace(/\{\w+\}/g, '[^/]*')}$`) }));
  }

  hear(exchange: Exchange): void {
    this.statuses.set(exchange.status, (this.statuses.get(exchange.status) ?? 0) + 1);
    for (const finding of this.findingsOf(exchange)) this.findings.set(finding, (this.findings.get(finding) ?? 0) + 1);
  }

  private findingsOf({ method, path, status, type, text }: Exchange): readonly string[] {
    const address = path.split('?')[0] ?? '';
    const route = this.routes.find(
      ({ route, pattern }) => pattern.test(address) && this.document.paths[route]?.[method.toLowerCase()],
    )?.route;
    // An address or a method that the document does not have is answered like any other that is nowhere.
    if (route === undefined)
      return status === 404 || status === 405 ? [] : [`${method} ${address}: is in no document, and was answered with ${status}`];
    const name = `${method} ${route}`;
    this.operations.add(name);
    if (status >= 500) return [`${name}: ${status}`];
    const response = this.responseOf(this.document.paths[route]?.[method.toLowerCase()]?.responses?.[String(status)]);
    if (response === undefined) return [`${name}: the document does not name ${status}`];
    const content = Object.entries(response.content ?? {});
    if (content.length === 0) return [];
    const schema = content.find(([one]) => type.startsWith(one))?.[1].schema;
    if (schema === undefined) return [`${name} ${status}: the document does not name ${type}`];
    return type.includes('json') ? this.flawsOf(text, schema).map((flaw) => `${name} ${status}${flaw}`) : [];
  }

  private flawsOf(text: string, schema: Schema): readonly string[] {
    try {
      return flaws(JSON.parse(text), schema, this.document.components?.schemas ?? {}).map((flaw) => flaw.replace(/\/\d+(?=[/:])/g, '/n'));
    } catch {
      return [': is no JSON'];
    }
  }

  private responseOf(response: Response | undefined): Response | undefined {
    const name = response?.$ref?.split('/').at(-1);
    return name === undefined ? response : this.document.components?.responses?.[name];
  }
}
