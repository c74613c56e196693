import { Injectable, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import { plainToInstance } from 'class-transformer';
import { validate, type ValidationError } from 'class-validator';

import { invalidRequest, isReservedName, type FieldError } from './problem.js';

/** Checks every body and query against its class; unknown fields are refused. What is kept is kept as it came. */
@Injectable()
export class RequestValidationPipe implements PipeTransform<unknown, unknown> {
  async transform(value: unknown, { type, metatype }: ArgumentMetadata): Promise<unknown> {
    if ((type !== 'body' && type !== 'query') || metatype === undefined || metatype === Object) return value;
    // A request without a body is one with nothing in it: what it lacks is named field by field.
    const given = value === undefined ? {} : value;
    if (typeof given !== 'object' || given === null || Array.isArray(given))
      throw invalidRequest([{ path: '', message: 'must be a JSON object' }]);
    refuseReservedNames(given);
    const instance = instanceOf(metatype as new () => object, given);
    const errors = await validate(instance, {
      whitelist: true,
      forbidNonWhitelisted: true,
      forbidUnknownValues: true,
      validationError: { target: false, value: false },
    });
    if (errors.length > 0) throw invalidRequest(errors.flatMap((error) => flatten(error, '')));
    return instance;
  }
}

/**
 * Objects that are not in a list are the client's own JSON. The transformer would rebuild them, and trip over a member
 * called `constructor`; so they are handed over as they came.
 */
function instanceOf(metatype: new () => object, given: object): object {
  const entries = Object.entries(given) as [string, unknown][];
  const isOwnJson = ([, value]: [string, unknown]) => typeof value === 'object' && value !== null && !Array.isArray(value);
  const instance = plainToInstance(metatype, Object.fromEntries(entries.filter((entry) => !isOwnJson(entry))));
  return Object.assign(instance, Object.fromEntries(entries.filter(isOwnJson)));
}

/** The validator finds fields by name, and would find `hasOwnProperty` on any object. Our fields nest in lists only. */
function refuseReservedNames(given: object): void {
  const lists = Object.entries(given).flatMap(([name, list]: [string, unknown]) =>
    Array.isArray(list) ? list.map((entry: unknown) => ({ name, entry })) : [],
  );
  const names = [
    ...Object.keys(given),
    ...lists.flatMap(({ name, entry }) =>
      typeof entry === 'object' && entry !== null ? Object.keys(entry).map((key) => `${name}.${key}`) : [],
    ),
  ];
  const reserved = names.filter((name) => isReservedName(name.slice(name.lastIndexOf('.') + 1)));
  if (reserved.length > 0) throw invalidRequest(reserved.map((path) => ({ path, message: 'is not a known field' })));
}

function flatten(error: ValidationError, parent: string): FieldError[] {
  const path = parent === '' ? error.property : `${parent}.${error.property}`;
  const [message] = Object.entries(error.constraints ?? {}).map(([rule, text]) =>
    rule === 'whitelistValidation' ? 'is not a known field' : text,
  );
  const own = message === undefined ? [] : [{ path: path.slice(0, 200), message }];
  return [...own, ...(error.children ?? []).flatMap((child) => flatten(child, path))];
}
