// What could be wrong with a line: each mutant is one small change to a source file, as somebody might have written it by mistake.
import ts from 'typescript';

const K = ts.SyntaxKind;

/** Another operator in the place of each, as it would be mistaken. */
const OPERATORS = new Map([
  [K.EqualsEqualsEqualsToken, ['!==']],
  [K.ExclamationEqualsEqualsToken, ['===']],
  [K.LessThanToken, ['<=', '>=']],
  [K.LessThanEqualsToken, ['<', '>']],
  [K.GreaterThanToken, ['>=', '<=']],
  [K.GreaterThanEqualsToken, ['>', '<']],
  [K.AmpersandAmpersandToken, ['||']],
  [K.BarBarToken, ['&&']],
  [K.PlusToken, ['-']],
  [K.MinusToken, ['+']],
  [K.AsteriskToken, ['/']],
  [K.SlashToken, ['*']],
  [K.PercentToken, ['*']],
  [K.PlusEqualsToken, ['-=']],
]);
/** Of these, one side may also be forgotten. */
const JOINS = new Set([K.AmpersandAmpersandToken, K.BarBarToken, K.QuestionQuestionToken]);
const METHODS = new Map([
  ['some', 'every'],
  ['every', 'some'],
  ['startsWith', 'endsWith'],
  ['endsWith', 'startsWith'],
]);
/** Calls that could be forgotten: what they are made on stands for itself. */
const FORGETTABLE = new Set(['filter', 'sort', 'slice', 'trim', 'toLowerCase', 'toUpperCase', 'reverse', 'subarray', 'normalize']);

/**
 * The mutants of a source text, in its order: where, what stands there, and what would stand there instead. Types, imports and texts for
 * people are left alone.
 */
export function mutantsOf(file, text) {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ES2023, true);
  const found = new Map();

  const add = (node, replacement, what) => {
    const start = node.getStart(source);
    const end = node.getEnd();
    const before = text.slice(start, end);
    if (before === replacement) return;
    const line = source.getLineAndCharacterOfPosition(start).line;
    const key = `${start}:${end}:${replacement}`;
    if (found.has(key)) return;
    found.set(key, { start, end, replacement, line: line + 1, what, before, lineText: text.split('\n')[line].trim() });
  };

  const visit = (node) => {
    if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isInterfaceDeclaration(node) || ts.isTypeAliasDeclaration(node)) return;
    if (ts.isDecorator(node)) return;
    mutate(node);
    ts.forEachChild(node, visit);
  };

  const mutate = (node) => {
    if (ts.isIfStatement(node)) either(node.expression);
    if (ts.isConditionalExpression(node)) either(node.condition);
    if (ts.isWhileStatement(node) || ts.isDoStatement(node)) add(node.expression, 'false', 'the condition is false');
    if (ts.isForStatement(node) && node.condition) add(node.condition, 'false', 'the condition is false');
    if (ts.isBinaryExpression(node)) binary(node);
    if (ts.isPrefixUnaryExpression(node) && node.operator === K.ExclamationToken)
      add(node, `(${node.operand.getText(source)})`, 'the negation is dropped');
    if (ts.isReturnStatement(node) && node.expression) result(node.expression);
    if (ts.isArrowFunction(node) && !ts.isBlock(node.body)) result(node.body);
    if (ts.isAwaitExpression(node)) add(node, `(${node.expression.getText(source)})`, 'the await is dropped');
    if (ts.isThrowStatement(node)) add(node, ';', 'the throw is dropped');
    if (ts.isExpressionStatement(node) && !isSuperCall(node.expression)) add(node, ';', 'the statement is dropped');
    if (node.kind === K.TrueKeyword) add(node, 'false', 'true becomes false');
    if (node.kind === K.FalseKeyword) add(node, 'true', 'false becomes true');
    if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) call(node);
    if (ts.isRegularExpressionLiteral(node)) expression(node);
    if (ts.isNumericLiteral(node) && !ts.isElementAccessExpression(node.parent)) add(node, `(${node.getText(source)} + 1)`, 'one more');
  };

  const either = (condition) => {
    add(condition, 'true', 'the condition is true');
    add(condition, 'false', 'the condition is false');
  };

  const binary = ({ left, operatorToken, right }) => {
    const [one, other] = [left.getText(source), right.getText(source)];
    const whole = operatorToken.parent;
    for (const operator of OPERATORS.get(operatorToken.kind) ?? []) {
      add(whole, `(${one} ${operator} ${other})`, `${operatorToken.getText(source)} becomes ${operator}`);
    }
    if (!JOINS.has(operatorToken.kind)) return;
    add(whole, `(${one})`, 'the right side is dropped');
    add(whole, `(${other})`, 'the left side is dropped');
  };

  const result = (expression) => {
    if (expression.kind === K.Identifier && expression.getText(source) === 'undefined') return;
    if (expression.kind === K.TrueKeyword || expression.kind === K.FalseKeyword) return;
    add(expression, 'undefined', 'the result is undefined');
    if (ts.isBinaryExpression(expression) || ts.isCallExpression(expression) || ts.isPrefixUnaryExpression(expression)) {
      add(expression, 'true', 'the result is true');
    }
  };

  const call = (node) => {
    const { expression: object, name } = node.expression;
    const other = METHODS.get(name.text);
    if (other !== undefined) add(name, other, `${name.text} becomes ${other}`);
    if (FORGETTABLE.has(name.text)) add(node, `(${object.getText(source)})`, `${name.text} is dropped`);
  };

  const expression = (node) => {
    const written = node.getText(source);
    const end = written.lastIndexOf('/');
    const [body, flags] = [written.slice(1, end), written.slice(end + 1)];
    if (body.startsWith('^')) add(node, `/${body.slice(1)}/${flags}`, 'the ^ is dropped');
    if (/(?<!\\)\$$/.test(body)) add(node, `/${body.slice(0, -1)}/${flags}`, 'the $ is dropped');
    const [, times = '', least, most] = /(\{(\d+),(\d+)\})/.exec(body) ?? [];
    if (times !== '') {
      add(node, `/${body.replace(times, `{${least},${Number(most) + 1}}`)}/${flags}`, 'one more at the most');
      if (Number(least) > 0) add(node, `/${body.replace(times, `{${Number(least) - 1},${most}}`)}/${flags}`, 'one less at the least');
    }
  };

  visit(source);
  return [...found.values()].sort((one, other) => one.start - other.start || one.end - other.end);
}

export const mutated = (text, { start, end, replacement }) => text.slice(0, start) + replacement + text.slice(end);

/** By what it is known in the list of the equivalent ones: it moves with its line. */
export const nameOf = ({ lineText, before, replacement }) => `${lineText} | ${short(before)} -> ${short(replacement)}`;

function short(text) {
  const line = text.replace(/\s+/g, ' ');
  return line.length > 100 ? `${line.slice(0, 97)}...` : line;
}

function isSuperCall(expression) {
  return ts.isCallExpression(expression) && expression.expression.kind === K.SuperKeyword;
}
