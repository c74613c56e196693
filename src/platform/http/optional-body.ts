import { Body, type PipeTransform } from '@nestjs/common';

/** A request without a body is one with nothing in it. It runs before the body is checked. */
const emptyWhereAbsent: PipeTransform<unknown, unknown> = { transform: (value) => value ?? {} };

/** A body that may be left out altogether. */
export const OptionalBody = () => Body(emptyWhereAbsent);
