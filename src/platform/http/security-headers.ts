import type { FastifyInstance, FastifyRequest } from 'fastify';

/** Where Swagger UI is served, with all that belongs to it. */
const DOCUMENTATION = /^\/docs(?:[/?]|$)/;

const YEAR_SECONDS = 31_536_000;

export type HeaderLines = Readonly<Record<string, string>>;

/**
 * What a browser is told about every answer. An answer of the API is for programs: a browser that is led to one shows it as nothing,
 * runs nothing of it, and keeps no copy. Source: OWASP ASVS 5.0, V3.4; OWASP REST Security Cheat Sheet.
 */
export function securityHeaders(overTls: boolean): HeaderLines {
  return {
    'x-content-type-options': 'nosniff',
    'content-security-policy': "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox",
    'referrer-policy': 'no-referrer',
    'cross-origin-resource-policy': 'same-origin',
    'cache-control': 'no-store',
    // Whoever came by http:// is not answered differently: programs do not read this, and a browser believes it over TLS alone.
    ...(overTls ? { 'strict-transport-security': `max-age=${YEAR_SECONDS}; includeSubDomains` } : {}),
  };
}

/** Swagger UI runs its own scripts and no other, writes its own styles, draws inline images, and calls nobody but us. */
const DOCUMENTATION_POLICY = [
  ...["default-src 'none'", "script-src 'self'", "style-src 'self' 'unsafe-inline'", "img-src 'self' data:", "connect-src 'self'"],
  ...["base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'"],
].join('; ');

function documentationHeaders(headers: HeaderLines): HeaderLines {
  const own = { 'content-security-policy': DOCUMENTATION_POLICY, 'cross-origin-opener-policy': 'same-origin' };
  const kept = Object.entries(headers).filter(([name]) => name !== 'cache-control');
  return { ...Object.fromEntries(kept), ...own };
}

/** Sets them on every answer that there is a request for. */
export function sendSecurityHeaders(fastify: FastifyInstance, headers: HeaderLines): void {
  const documentation = documentationHeaders(headers);
  fastify.addHook('onRequest', (request: FastifyRequest, reply, done) => {
    void reply.header('x-request-id', request.id).headers(DOCUMENTATION.test(request.url) ? documentation : headers);
    done();
  });
}
