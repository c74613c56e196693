import { Injectable, ValidationPipe, type ArgumentMetadata, type ValidationError } from '@nestjs/common';

import { invalidRequest, isReservedName, type FieldError } from './problem.js';

/** Checks every body and query against its class; unknown fields are refused. */
@Injectable()
export class RequestValidationPipe extends ValidationPipe {
  constructor() {
    super({
      transform: true,
      whitelist: true,
      forbidNonWhitelisted: true,
      forbidUnknownValues: true,
      validationError: { target: false, value: false },
      exceptionFactory: (errors) => invalidRequest(errors.flatMap((error) => flatten(error, ''))),
    });
  }

  override async transform(value: unknown, metadata: ArgumentMetadata): Promise<unknown> {
    if (metadata.type === 'query' && typeof value === 'object' && value !== null) {
      const unknown = Object.keys(value).filter(isReservedName);
      if (unknown.length > 0) throw invalidRequest(unknown.map((path) => ({ path, message: 'is not a known field' })));
    }
    if (metadata.type !== 'body') return super.transform(value, metadata);
    // A request without a body is one with nothing in it: what it lacks is named field by field.
    const body = value === undefined ? {} : value;
    if (typeof body !== 'object' || body === null || Array.isArray(body))
      throw invalidRequest([{ path: '', message: 'must be a JSON object' }]);
    return super.transform(body, metadata);
  }
}

function flatten(error: ValidationError, parent: string): FieldError[] {
  const path = parent === '' ? error.property : `${parent}.${error.property}`;
  const [message] = Object.entries(error.constraints ?? {}).map(([rule, text]) =>
    rule === 'whitelistValidation' ? 'is not a known field' : text,
  );
  const own = message === undefined ? [] : [{ path: path.slice(0, 200), message }];
  return [...own, ...(error.children ?? []).flatMap((child) => flatten(child, path))];
}
