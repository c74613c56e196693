import { UseInterceptors, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { Observable } from 'rxjs';

import { invalidRequest } from './problem.js';

class RefuseFields implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const { body } = context.switchToHttp().getRequest<FastifyRequest>();
    if (body === undefined) return next.handle();
    if (typeof body !== 'object' || body === null || Array.isArray(body)) {
      throw invalidRequest([{ path: '', message: 'must be a JSON object, or nothing' }]);
    }
    const unknown = Object.keys(body);
    if (unknown.length > 0) throw invalidRequest(unknown.map((path) => ({ path: path.slice(0, 200), message: 'is not a known field' })));
    return next.handle();
  }
}

/** An address that takes no fields: no body or an empty one. */
export const NoFields = () => UseInterceptors(new RefuseFields());
