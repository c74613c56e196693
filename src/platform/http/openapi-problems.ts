import { ApiResponse } from '@nestjs/swagger';

import { PROBLEMS, type ProblemCode } from './problem-catalog.js';

const codesOf = new WeakMap<object, Set<ProblemCode>>();

/** Lists, in the OpenAPI document, the problems that a route can answer with. Several codes may share a status. */
export function Problems(...codes: readonly ProblemCode[]): MethodDecorator {
  return (target, key, descriptor: PropertyDescriptor) => {
    const handler = descriptor.value as object;
    const all = codesOf.get(handler) ?? new Set<ProblemCode>();
    codes.forEach((code) => all.add(code));
    codesOf.set(handler, all);
    for (const status of new Set(codes.map((code) => PROBLEMS[code].status))) {
      const here = [...all].filter((code) => PROBLEMS[code].status === status);
      ApiResponse({
        status,
        description: here.map((code) => `\`${code}\`: ${PROBLEMS[code].en}`).join('; '),
        content: {
          'application/problem+json': {
            schema: { $ref: '#/components/schemas/Problem' },
            examples: Object.fromEntries(here.map((code) => [code, { value: exampleOf(code) }])),
          },
        },
      })(target, key, descriptor);
    }
  };
}

function exampleOf(code: ProblemCode) {
  const { status, en } = PROBLEMS[code];
  return { type: `urn:suanpan:problem:${code}`, title: en, status, detail: '…', instance: '/v1/…', code };
}
