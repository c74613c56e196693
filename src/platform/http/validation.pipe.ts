import { Injectable, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';

import { compiledClass } from './compiled-class.js';
import { invalidRequest } from './problem.js';

/** Checks every body and query against its class; unknown fields are refused. What is kept is kept as it came. */
@Injectable()
export class RequestValidationPipe implements PipeTransform<unknown, unknown> {
  transform(value: unknown, { type, metatype }: ArgumentMetadata): unknown {
    if ((type !== 'body' && type !== 'query') || metatype === undefined || metatype === Object) return value;
    // A request without a body is one with nothing in it: what it lacks is named field by field.
    const given = value === undefined ? {} : value;
    if (typeof given !== 'object' || given === null || Array.isArray(given))
      throw invalidRequest([{ path: '', message: 'must be a JSON object' }]);
    const { instance, errors } = compiledClass(metatype as new () => object).check(given);
    if (errors.length > 0) throw invalidRequest(errors);
    return instance;
  }
}
