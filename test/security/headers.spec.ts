import { expectProblem, speak } from '../api/support.js';
import { useWorld } from '../support/world.js';

const API_POLICY = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; sandbox";

describe('Every answer tells a browser what it must not do with it', () => {
  const world = useWorld([], { http: { overTls: true } });
  const asked = { authorization: '' };
  beforeAll(() => void (asked.authorization = `Bearer ${world.api.apiKey}`));

  it.each([
    ['a success', { path: '/v1/products', headers: asked }, 200],
    ['a success without a body', { path: '/v1/products', method: 'HEAD', headers: asked }, 200],
    ['no key', { path: '/v1/products' }, 401],
    ['no such thing', { path: '/v1/orders/x', headers: asked }, 404],
    ['no such address', { path: '/v1/nowhere' }, 404],
    ['an address that cannot be read', { path: '/v1/%' }, 404],
    ['headers that cannot be read', { path: '/v1/products', headers: { 'x y': 'z' } }, 400],
    ['headers that are too large', { path: '/v1/products', headers: { x: 'x'.repeat(20_000) } }, 431],
    [
      'a body that is malformed',
      { path: '/v1/orders', method: 'POST', headers: { ...asked, 'content-type': 'application/json' }, body: '{' },
      400,
    ],
    ['a callback that is not believed', { path: '/v1/callbacks/alipay/payments', method: 'POST', body: 'a=b' }, 200],
    ['health', { path: '/health/live' }, 200],
    ['figures', { path: '/metrics' }, 200],
  ])('with %s', async (_, request, status) => {
    const { headers, status: answered } = await speak(world.api.url, request);

    expect(answered).toBe(status);
    expect(Object.fromEntries(headers)).toMatchObject({
      'x-content-type-options': 'nosniff',
      'content-security-policy': API_POLICY,
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
      'cache-control': 'no-store',
      'strict-transport-security': 'max-age=31536000; includeSubDomains',
    });
    for (const telling of ['server', 'x-powered-by', 'access-control-allow-origin', 'set-cookie']) expect(headers.has(telling)).toBe(false);
  });

  it('and none tells what went wrong inside', async () => {
    await world.db.query('ALTER TABLE products RENAME TO elsewhere');
    try {
      const answer = await world.api.get('/v1/products');
      expectProblem(answer, 500, 'internal_error');
      expect(JSON.stringify(answer.body)).not.toMatch(/products" |relation|SELECT|42P01|Error|\bat /);
    } finally {
      await world.db.query('ALTER TABLE elsewhere RENAME TO products');
    }
  });

  it('where the documentation runs its own scripts and no other', async () => {
    for (const path of ['/docs', '/docs/', '/docs/swagger-ui-init.js', '/docs/swagger-ui-bundle.js', '/docs/openapi.json']) {
      const { headers, status } = await speak(world.api.url, { path });
      expect({ path, status }).toEqual({ path, status: 200 });
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toMatch(/^default-src 'none'; script-src 'self'; .*frame-ancestors 'none'$/);
      expect(policy).not.toMatch(/script-src [^;]*(?:unsafe|\*|https?:)/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('cross-origin-opener-policy')).toBe('same-origin');
    }
    const page = (await world.api.get<string>('/docs')).body;
    const scripts = [...page.matchAll(/<script\b([^>]*)>([^]*?)<\/script>/g)].map(([, attributes = '', text = '']) => ({
      attributes,
      text,
    }));
    expect(scripts.length).toBeGreaterThan(2);
    // With `script-src 'self'` a script in the page, or from elsewhere, would not run.
    for (const { attributes, text } of scripts) {
      expect(attributes).toMatch(/ src="\.\/docs\/[\w.-]+\.js"/);
      expect(text.trim()).toBe('');
    }
    expect(page).not.toMatch(/\son\w+=/);
  });
});
