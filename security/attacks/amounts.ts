import type { Attack, Family } from '../attack.js';
import { must, refused, same } from '../findings.js';
import type { Scene } from '../world/scene.js';

/** Numbers that are none that a price or a quantity could be. JSON itself is written by hand where JavaScript could not say it. */
const ODD_NUMBERS = [
  '-1',
  '-0.01',
  '0.5',
  '1e400',
  '9007199254740993',
  '99999999999999999999999',
  '"100"',
  '[100]',
  '{"amount":100}',
  'true',
  'null',
  '"١٠٠"',
  '"1_000"',
  '"0x64"',
  '10000000001',
];

const prices: Attack = {
  name: 'prices that are negative, fractions, endless, or no numbers',
  after: 'CWE-1284, CWE-839, CWE-190',
  run: async (scene) => {
    const sku = await scene.sells();
    for (const price of ODD_NUMBERS) {
      const body = `{"sku":"${scene.newName('ODD')}","name":"odd","price":${price},"stock":1}`;
      refused(await scene.leavesNoTrace(`the price ${price}`, () => scene.shop.post('/v1/products', body)), `the price ${price}`);
      const change = `{"price":${price}}`;
      refused(
        await scene.leavesNoTrace(`the new price ${price}`, () => scene.shop.send('PATCH', `/v1/products/${sku}`, change)),
        `the new price ${price}`,
      );
    }
    same((await scene.shop.send('PATCH', `/v1/products/${sku}`, { price: 1 })).status, 200, 'an honest price');
  },
};

const quantities: Attack = {
  name: 'a negative quantity that makes an order cheaper',
  after: 'CWE-839, CWE-840 (negative quantity in the basket)',
  run: async (scene) => {
    const [dear, cheap] = [await scene.sells({ price: 100_000 }), await scene.sells({ price: 99_000 })];
    for (const quantity of [...ODD_NUMBERS, '0', '10000']) {
      const body = `{"customerId":"c","items":[{"sku":"${dear}","quantity":1},{"sku":"${cheap}","quantity":${quantity}}]}`;
      refused(await scene.leavesNoTrace(`the quantity ${quantity}`, () => scene.shop.post('/v1/orders', body)), `the quantity ${quantity}`);
    }
    for (const shippingFee of ODD_NUMBERS.filter((one) => one !== 'null')) {
      const body = `{"customerId":"c","items":[{"sku":"${dear}","quantity":1}],"shippingFee":${shippingFee}}`;
      refused(await scene.leavesNoTrace(`the fee ${shippingFee}`, () => scene.shop.post('/v1/orders', body)), `the fee ${shippingFee}`);
    }
    const honest = await scene.shop.post('/v1/orders', {
      customerId: 'c',
      items: [
        { sku: dear, quantity: 1 },
        { sku: cheap, quantity: 1 },
      ],
    });
    same([honest.status, honest.body?.amountDue], [201, 199_000], 'the honest basket');
  },
};

const overflow: Attack = {
  name: 'a basket whose sum leaves the numbers',
  after: 'CVE-2010-5139 (Bitcoin value overflow), CVE-2018-10299 (batchOverflow), CWE-190',
  run: async (scene) => {
    const most = 10_000_000_000;
    const skus = await Promise.all(Array.from({ length: 100 }, () => scene.sells({ price: most, stock: 9_999 })));
    const baskets = [
      [{ sku: skus[0], quantity: 2 }],
      [{ sku: skus[0], quantity: 9_999 }],
      skus.map((sku) => ({ sku, quantity: 9_999 })),
      skus.slice(0, 2).map((sku) => ({ sku, quantity: 1 })),
    ];
    for (const items of baskets) {
      const answer = await scene.leavesNoTrace('too large a basket', () => scene.shop.post('/v1/orders', { customerId: 'c', items }));
      same([answer.status, answer.body?.code], [422, 'amount_too_large'], 'too large a basket');
    }
    const fee = await scene.shop.post('/v1/orders', { customerId: 'c', items: [{ sku: skus[0], quantity: 1 }], shippingFee: 1 });
    same(fee.body?.code, 'amount_too_large', 'one fen more than the most');
    const honest = await scene.shop.post('/v1/orders', { customerId: 'c', items: [{ sku: skus[0], quantity: 1 }] });
    same([honest.status, honest.body?.amountDue], [201, most], 'the most there is');
  },
};

const clientPrice: Attack = {
  name: 'a price of the client’s own in the basket',
  after: 'CWE-472 (immutable web parameter), CWE-602; “How to Shop for Free Online”',
  run: async (scene) => {
    const sku = await scene.sells({ price: 15_000 });
    for (const own of ['price', 'unitPrice', 'amount', 'currency', 'discount', 'name']) {
      const items = [{ sku, quantity: 1, [own]: own === 'currency' ? 'JPY' : 1 }];
      refused(await scene.leavesNoTrace(`a ${own} of one’s own`, () => scene.shop.post('/v1/orders', { customerId: 'c', items })), own);
    }
    const honest = await scene.shop.post('/v1/orders', { customerId: 'c', items: [{ sku, quantity: 1 }] });
    same(honest.body?.amountDue, 15_000, 'the price of the catalogue');
  },
};

const refunds: Attack = {
  name: 'refunds that are negative, nothing, more than was paid, or of an order that is not',
  after: 'CWE-839, CWE-840',
  run: async (scene) => {
    const paid = await scene.paidOrder();
    for (const amount of [...ODD_NUMBERS.filter((one) => one !== 'null'), '0', String(paid.amountDue + 1)]) {
      const body = `{"amount":${amount},"reason":"r"}`;
      refused(
        await scene.leavesNoTrace(`a refund of ${amount}`, () => scene.shop.post(`/v1/orders/${paid.id}/refunds`, body)),
        `a refund of ${amount}`,
      );
    }
    const open = await scene.openOrder();
    const early = await scene.leavesNoTrace('a refund of nothing', () =>
      scene.shop.post(`/v1/orders/${open.id}/refunds`, { amount: 1, reason: 'r' }),
    );
    same(early.body?.code, 'order_not_paid', 'a refund of what nobody paid');
    same((await scene.shop.post(`/v1/orders/${paid.id}/refunds`, { amount: 1, reason: 'r' })).status, 201, 'an honest refund');
  },
};

const currencies: Attack = {
  name: 'a basket of two currencies, and a payment in one that the gateway does not take',
  after: 'CWE-1284 (currency confusion)',
  run: async (scene) => {
    const [yuan, dollars] = [await scene.sells(), await scene.sells({ currency: 'USD' })];
    const items = [yuan, dollars].map((sku) => ({ sku, quantity: 1 }));
    const mixed = await scene.leavesNoTrace('two currencies', () => scene.shop.post('/v1/orders', { customerId: 'c', items }));
    same(mixed.body?.code, 'mixed_currencies', 'two currencies');
    const order = await scene.order({ currency: 'USD', price: 100 });
    for (const gateway of ['alipay', 'wechatpay', 'unionpay']) {
      const method = gateway === 'wechatpay' ? 'native' : 'page';
      const begun = await scene.leavesNoTrace('dollars', () => scene.shop.post(`/v1/orders/${order.id}/payments`, { gateway, method }));
      refused(begun, `dollars at ${gateway}`);
    }
    for (const currency of ['cny', 'CNYX', '', 'C\u0000Y', '人民币']) {
      const body = { sku: scene.newName('ODD'), name: 'odd', price: 1, stock: 1, currency };
      refused(await scene.shop.post('/v1/products', body), `the currency ${currency}`);
    }
  },
};

const stock: Attack = {
  name: 'stock that is made of nothing, or less than nothing',
  after: 'CWE-839, CWE-191 (underflow)',
  run: async (scene) => {
    const sku = await scene.sells({ stock: 5 });
    for (const delta of ['-6', '0', '0.5', '1e30', '"5"', '9007199254740993']) {
      const body = `{"delta":${delta},"reason":"r"}`;
      refused(
        await scene.leavesNoTrace(`a delta of ${delta}`, () => scene.shop.post(`/v1/inventory/${sku}/adjustments`, body)),
        `a delta of ${delta}`,
      );
    }
    same((await scene.shop.post(`/v1/inventory/${sku}/adjustments`, { delta: -5, reason: 'broken' })).status, 201, 'an honest one');
  },
};

const skips: Attack = {
  name: 'goods before the money: shipping, completing and reviving what is not paid',
  after: 'CWE-841 (workflow), “How to Shop for Free Online”',
  run: async (scene) => {
    const order = await scene.openOrder();
    for (const [step, body] of [
      ['shipments', { carrier: 'SF', trackingNumber: '1' }],
      ['complete', undefined],
    ] as const) {
      const answer = await scene.leavesNoTrace(step, () => scene.shop.post(`/v1/orders/${order.id}/${step}`, body));
      same(answer.status, 409, `${step} of an unpaid order`);
    }
    await scene.gateways.pays(order.attempt);
    await scene.expectPaid(order);
    same(
      (await scene.shop.post(`/v1/orders/${order.id}/shipments`, { carrier: 'SF', trackingNumber: '1' })).status,
      201,
      'once it is paid',
    );
    must((await scene.shop.post(`/v1/orders/${order.id}/cancel`, { reason: 'r' })).status === 409, 'a shipped order can be cancelled');
  },
};

export const AMOUNTS: Family = {
  name: 'Amounts, quantities and currencies',
  attacks: [prices, quantities, overflow, clientPrice, refunds, currencies, stock, skips] satisfies readonly (Attack & {
    run(scene: Scene): Promise<void>;
  })[],
};
