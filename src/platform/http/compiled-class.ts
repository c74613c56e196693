import { ValidationTypes, getMetadataStorage, type ValidationArguments } from 'class-validator';

import { assert } from '../../kernel/assert.js';
import type { FieldError } from './problem.js';

type ClassOf<Instance extends object> = new () => Instance;
type Read = (value: unknown) => unknown;

const ITEMS = Symbol('items');
const READ = Symbol('read');

/** Says of what class the objects of a list are. */
export function ItemsOf(item: () => ClassOf<object>): PropertyDecorator {
  return (target, key) => Reflect.defineMetadata(ITEMS, item, target, key);
}

/** How a value is read before it is checked: a number out of a query string, say. */
export function ReadBy(read: Read): PropertyDecorator {
  return (target, key) => Reflect.defineMetadata(READ, read, target, key);
}

/** One rule of one field: the message where the value breaks it. */
type Check = (value: unknown, object: object) => string | undefined;

interface Field {
  readonly name: string;
  readonly applies: (object: object, value: unknown) => boolean;
  readonly checks: readonly Check[];
  readonly read: Read | undefined;
  /** Of a list of objects: what each is, and what is said of one that is none. */
  readonly items: { readonly item: CompiledClass; readonly notAnObject: string } | undefined;
}

export interface Checked {
  readonly instance: object;
  readonly errors: readonly FieldError[];
}

const LONGEST_PATH = 200;

const compiled = new Map<ClassOf<object>, CompiledClass>();

/** The class with its rules looked up. class-validator would look them up again for each request, at twenty times the cost. */
export function compiledClass(type: ClassOf<object>): CompiledClass {
  const known = compiled.get(type);
  if (known) return known;
  const made = new CompiledClass(type);
  compiled.set(type, made);
  return made;
}

/** What class-validator's decorators say of a class, as a list of plain functions. */
export class CompiledClass {
  private readonly fields: readonly Field[];
  private readonly names: ReadonlySet<string>;

  constructor(private readonly type: ClassOf<object>) {
    const rules = getMetadataStorage().getTargetValidationMetadatas(type, '', false, false);
    this.fields = [...new Set(rules.map(({ propertyName }) => propertyName))].map((name) =>
      compileField(
        type,
        name,
        rules.filter(({ propertyName }) => propertyName === name),
      ),
    );
    this.names = new Set(this.fields.map(({ name }) => name));
  }

  /** An instance with what was given, and all that is wrong with it; of each field the first rule that it breaks. */
  check(given: object, path = ''): Checked {
    const errors: FieldError[] = [];
    for (const name of Object.keys(given)) {
      if (!this.names.has(name)) errors.push({ path: (path + name).slice(0, LONGEST_PATH), message: 'is not a known field' });
    }
    const instance = new this.type() as Record<string, unknown>;
    for (const { name, read } of this.fields) {
      if (!Object.hasOwn(given, name)) continue;
      const value = (given as Record<string, unknown>)[name];
      instance[name] = read ? read(value) : value;
    }
    for (const field of this.fields) this.checkField(field, instance, path, errors);
    return { instance, errors };
  }

  private checkField({ name, applies, checks, items }: Field, instance: Record<string, unknown>, path: string, errors: FieldError[]): void {
    const value = instance[name];
    if (!applies(instance, value)) return;
    for (const check of checks) {
      const message = check(value, instance);
      if (message === undefined) continue;
      errors.push({ path: path + name, message });
      break;
    }
    if (items === undefined || !Array.isArray(value)) return;
    instance[name] = value.map((entry: unknown, index): unknown => {
      const at = `${path}${name}.${index}`;
      if (typeof entry !== 'object' || entry === null || Array.isArray(entry)) {
        errors.push({ path: at, message: items.notAnObject });
        return entry;
      }
      const { instance: item, errors: found } = items.item.check(entry, `${at}.`);
      errors.push(...found);
      return item;
    });
  }
}

type Rule = ReturnType<ReturnType<typeof getMetadataStorage>['getTargetValidationMetadatas']>[number];

function compileField(type: ClassOf<object>, name: string, rules: readonly Rule[]): Field {
  const conditions = rules.filter((rule) => rule.type === ValidationTypes.CONDITIONAL_VALIDATION);
  const nested = rules.find((rule) => rule.type === ValidationTypes.NESTED_VALIDATION);
  const prototype = type.prototype as object;
  const item = Reflect.getMetadata(ITEMS, prototype, name) as (() => ClassOf<object>) | undefined;
  assert((nested === undefined) === (item === undefined), `${type.name}.${name} is a list of objects, or it is not`);
  return {
    name,
    applies: (object, value) =>
      conditions.every(({ constraints }) => (constraints[0] as (object: object, value: unknown) => boolean)(object, value)),
    checks: rules.filter((rule) => rule.type === ValidationTypes.CUSTOM_VALIDATION).flatMap((rule) => compileRule(type, rule)),
    read: Reflect.getMetadata(READ, prototype, name) as Read | undefined,
    items: item && { item: compiledClass(item()), notAnObject: 'must be an object' },
  };
}

function compileRule(type: ClassOf<object>, rule: Rule): Check[] {
  const constraints = rule.constraints as unknown[];
  return getMetadataStorage()
    .getTargetValidatorConstraints(rule.constraintCls)
    .map(({ async, instance }) => {
      assert(!async, `${type.name}.${rule.propertyName} is checked at once`);
      return (value, object) => {
        const args: ValidationArguments = { targetName: type.name, property: rule.propertyName, object, value, constraints };
        const holds = (one: unknown) => instance.validate(one, args) === true;
        if (rule.each && Array.isArray(value) ? value.every(holds) : holds(value)) return undefined;
        return typeof rule.message === 'function'
          ? rule.message(args)
          : (rule.message ?? instance.defaultMessage?.(args) ?? 'is not valid');
      };
    });
}
