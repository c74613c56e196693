import fc from 'fast-check';
import { validateSync, type ValidationError } from 'class-validator';

import { CancelOrderBody, ListOrdersQuery, PlaceOrderBody, ShipOrderBody, UnitsBody } from '../../src/order/order.requests.js';
import { compiledClass } from '../../src/platform/http/compiled-class.js';

const CLASSES = { PlaceOrderBody, ShipOrderBody, CancelOrderBody, ListOrdersQuery, UnitsBody };

const odd = fc.constantFrom<unknown>(null, true, '', 'x', 'c-1', -1, 0, 1, 9999, 10_000, 1.5, 1e300, [], {}, { a: 1 }, 'a\0b', '\ud800');
const sku = fc.oneof(fc.constantFrom<unknown>('TEA', 'CUP', 'no spaces', ''), odd);
const unit = fc.record({ sku, quantity: odd, more: odd }, { requiredKeys: [] });
const items = fc.oneof(
  odd.filter((value) => typeof value !== 'object'),
  fc.array(fc.oneof({ arbitrary: unit, weight: 5 }, { arbitrary: fc.constantFrom(null, 7, 'x'), weight: 1 }), { maxLength: 3 }),
);
const given = fc.record(
  {
    customerId: odd,
    items,
    shippingFee: odd,
    shippingAddress: odd,
    note: odd,
    metadata: odd,
    expiresInSeconds: odd,
    reason: odd,
    carrier: odd,
    trackingNumber: odd,
    status: odd,
    createdFrom: fc.oneof(odd, fc.constantFrom('2026-02-30T00:00:00Z', '2026-01-31T08:00:00Z')),
    limit: fc.oneof(odd, fc.constantFrom('1', '101', '-3', '1e2')),
    sku,
    quantity: odd,
    hasOwnProperty: odd,
  },
  { requiredKeys: [] },
);

/** The same values in an instance, for class-validator itself to look at. */
function instanceOf(type: new () => object, values: Record<string, unknown>): object {
  const read = (name: string, value: unknown) => (name === 'limit' && /^-?\d+$/.test(String(value)) ? Number(value) : value);
  const list = (value: unknown) =>
    Array.isArray(value)
      ? value.map((entry: unknown) => (typeof entry === 'object' && entry !== null ? Object.assign(new UnitsBody(), entry) : entry))
      : value;
  const isList = type === PlaceOrderBody || type === ShipOrderBody;
  return Object.assign(
    new type(),
    Object.fromEntries(Object.entries(values).map(([name, value]) => [name, isList && name === 'items' ? list(value) : read(name, value)])),
  );
}

function flatten(error: ValidationError, parent: string): string[] {
  const path = parent === '' ? error.property : `${parent}.${error.property}`;
  const [first] = Object.entries(error.constraints ?? {}).map(([rule, text]) =>
    rule === 'whitelistValidation' ? 'is not a known field' : text,
  );
  return [...(first === undefined ? [] : [`${path}: ${first}`]), ...(error.children ?? []).flatMap((child) => flatten(child, path))];
}

describe('A class with its rules looked up once', () => {
  it.each(Object.entries(CLASSES))('finds in a %s what class-validator finds, and nothing else', (_, type: new () => object) => {
    let refused = 0;
    fc.assert(
      fc.property(given, (values) => {
        // class-validator finds its rules by name in an object, and trips over this one.
        const plain = Object.fromEntries(Object.entries(values).filter(([name]) => name !== 'hasOwnProperty'));
        const trapped = Object.hasOwn(values, 'hasOwnProperty');
        const theirs = validateSync(instanceOf(type, plain), { whitelist: true, forbidNonWhitelisted: true }).flatMap((error) =>
          flatten(error, ''),
        );
        const ours = compiledClass(type)
          .check(values)
          .errors.map(({ path, message }) => `${path}: ${message}`);
        const own = trapped ? ['hasOwnProperty: is not a known field'] : [];
        expect(ours.sort()).toEqual([...theirs, ...own].sort());
        if (ours.length > 0) refused += 1;
      }),
      { numRuns: 500 },
    );
    expect(refused).toBeGreaterThan(100);
  });

  it('takes what is good as it is, with the defaults, and the entries of lists in their own class', () => {
    const body = { customerId: 'c', items: [{ sku: 'TEA', quantity: 2 }], metadata: { constructor: 1 } };
    const { instance, errors } = compiledClass(PlaceOrderBody).check(body);
    expect(errors).toEqual([]);
    expect(instance).toBeInstanceOf(PlaceOrderBody);
    expect(instance).toMatchObject({ ...body, shippingFee: 0, expiresInSeconds: 1800 });
    expect((instance as PlaceOrderBody).items[0]).toBeInstanceOf(UnitsBody);
  });
});
