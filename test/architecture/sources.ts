import ts from 'typescript';

/** Something that only some files may say. */
export interface SourceRule {
  readonly name: string;
  /** The files that it binds, and those of them that are its one place. */
  readonly within: RegExp;
  readonly except: readonly string[];
  readonly matches: (node: ts.Node) => boolean;
  /** Code that breaks it, each piece by itself. */
  readonly plants: readonly string[];
}

const ANY_PROGRAM = /^(?:src|simulator|demo|cli|bench|ops|faults|security)\//;
const SRC = /^src\//;

const isMember = (node: ts.Node, object: string, member: string): boolean =>
  (ts.isPropertyAccessExpression(node) && node.expression.getText() === object && node.name.text === member) ||
  (ts.isElementAccessExpression(node) &&
    node.expression.getText() === object &&
    ts.isStringLiteralLike(node.argumentExpression) &&
    node.argumentExpression.text === member);

const isImportOf = (node: ts.Node, module: RegExp, name?: string): boolean => {
  if (ts.isImportDeclaration(node) && ts.isStringLiteral(node.moduleSpecifier) && module.test(node.moduleSpecifier.text)) {
    const bindings = node.importClause?.namedBindings;
    if (name === undefined || (bindings && ts.isNamespaceImport(bindings))) return true;
    return bindings?.elements.some((element) => (element.propertyName ?? element.name).text === name) ?? false;
  }
  return false;
};

export const SOURCE_RULES: readonly SourceRule[] = [
  {
    name: 'only the settings read the environment',
    within: ANY_PROGRAM,
    // The main files hand it to their settings. What is loaded into a program before its settings has nobody to hand it.
    except: [
      ...['src/config.ts', 'simulator/main.ts', 'demo/main.ts', 'cli/main.ts', 'bench/main.ts', 'faults/main.ts'],
      'security/main.ts',
      'security/contract/main.ts',
      'faults/world/skewed-clock.ts',
    ],
    matches: (node) => isMember(node, 'process', 'env') || isImportOf(node, /^(?:node:)?process$/, 'env'),
    plants: ['const port = process.env.PORT;', "const all = process['env'];", "import { env as e } from 'node:process';"],
  },
  {
    name: 'nobody writes to the console',
    within: ANY_PROGRAM,
    except: [],
    matches: (node) => ts.isIdentifier(node) && node.text === 'console' && !ts.isPropertyAssignment(node.parent),
    plants: ["console.log('here');", 'const { warn } = console;'],
  },
  {
    name: 'only kernel/ids.ts makes ids',
    within: SRC,
    except: ['src/kernel/ids.ts'],
    matches: (node) => isImportOf(node, /^uuid$/) || (ts.isIdentifier(node) && node.text === 'randomUUID'),
    plants: ["import { v4 } from 'uuid';", "import { randomUUID } from 'node:crypto';", 'const id = crypto.randomUUID();'],
  },
  {
    name: 'only the clocks know what time it is',
    within: SRC,
    // The milliseconds in an id are an order, and no time that anything is judged by.
    except: ['src/platform/database/database-clock.ts', 'src/kernel/ids.ts'],
    matches: (node) =>
      (ts.isNewExpression(node) && node.expression.getText() === 'Date' && (node.arguments ?? []).length === 0) ||
      (ts.isCallExpression(node) && node.expression.getText() === 'Date') ||
      isMember(node, 'Date', 'now'),
    plants: [
      'const now = new Date();',
      'const now = new Date;',
      'const millis = Date.now();',
      'const text = Date();',
      'const clock = Date.now;',
    ],
  },
];

/** `file:line rule` of each place that breaks a rule. */
export function breaches(file: string, text: string, rules: readonly SourceRule[] = SOURCE_RULES): string[] {
  const bound = rules.filter(({ within, except }) => within.test(file) && !except.includes(file));
  if (bound.length === 0) return [];
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    for (const { name, matches } of bound) {
      if (!matches(node)) continue;
      found.push(`${file}:${source.getLineAndCharacterOfPosition(node.getStart()).line + 1} ${name}`);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}
