import { Param, type PipeTransform } from '@nestjs/common';
import { ApiParam } from '@nestjs/swagger';

import { notFound } from '../../kernel/domain-error.js';
import { isId } from '../../kernel/ids.js';
import { SKU_PATTERN } from './fields.js';

/** What cannot be an id is nobody's: the same 404 as an id that is not known. */
const knownShape = (read: (text: string) => string | undefined): PipeTransform<string, string> => ({
  transform(text) {
    const name = read(text);
    if (name === undefined) throw notFound('not_found', 'Nothing of yours has this name.');
    return name;
  },
});

function pathParameter(name: string, description: string, schema: object, read: (text: string) => string | undefined): ParameterDecorator {
  return (target, key, index) => {
    Param(name, knownShape(read))(target, key, index);
    const descriptor = key === undefined ? undefined : Object.getOwnPropertyDescriptor(target, key);
    if (key !== undefined && descriptor) ApiParam({ name, description, schema })(target, key, descriptor);
  };
}

/** An id in the path, as a UUID: the same one in capitals. */
export const IdParam = (name: string, description: string): ParameterDecorator =>
  pathParameter(name, description, { type: 'string', format: 'uuid' }, (text) => (isId(text) ? text.toLowerCase() : undefined));

/** A SKU in the path. */
export const SkuParam = (): ParameterDecorator =>
  pathParameter('sku', 'The SKU.', { type: 'string', pattern: SKU_PATTERN.source, example: 'SAMPLE-TEA' }, (text) =>
    SKU_PATTERN.test(text) ? text : undefined,
  );
