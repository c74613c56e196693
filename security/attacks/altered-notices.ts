import type { Attack, Family } from '../attack.js';
import { must, same } from '../findings.js';
import { GATEWAYS, type Gateway } from '../world/gateway.js';
import type { Letter } from '../world/letterbox.js';
import { isAcknowledged, type OpenOrder, type Scene } from '../world/scene.js';

const PAID: Readonly<Record<Gateway, string>> = { alipay: 'TRADE_SUCCESS', wechatpay: 'SUCCESS', unionpay: '00' };

/** Where a letter says which trade it is about, and how much was paid. Of WeChat Pay's only the outside can be touched. */
const FIELDS = {
  alipay: { trade: 'out_trade_no', amount: 'total_amount', cheap: '0.01' },
  unionpay: { trade: 'orderId', amount: 'txnAmt', cheap: '1' },
} as const;

const withFields = ({ headers, body }: Letter, changes: Readonly<Record<string, string>>): Letter => {
  const fields = new URLSearchParams(body.toString());
  for (const [name, value] of Object.entries(changes)) fields.set(name, value);
  return { headers, body: Buffer.from(fields.toString()) };
};

/** The gateway's true word about an order that is paid there, of which nobody has told us. */
async function genuine(scene: Scene, gateway: Gateway, wanted = {}): Promise<{ order: OpenOrder; letter: Letter }> {
  const order = await scene.openOrder(gateway, wanted);
  await scene.gateways.pays(order.attempt, { notify: false });
  return { order, letter: await scene.gateways.letterAbout(order.attempt) };
}

async function notBelieved(scene: Scene, gateway: Gateway, letter: Letter, orders: readonly OpenOrder[]): Promise<void> {
  const answer = await scene.leavesNoTrace('an altered notice', () => scene.post(gateway, letter));
  must(!isAcknowledged(gateway, answer), `an altered notice was acknowledged: ${answer.status} ${answer.text}`);
  for (const order of orders) await scene.expectUnpaid(order);
}

async function believed(scene: Scene, gateway: Gateway, letter: Letter, order: OpenOrder): Promise<void> {
  must(isAcknowledged(gateway, await scene.post(gateway, letter)), 'the genuine notice is not acknowledged');
  await scene.expectPaid(order);
}

const forms = ['alipay', 'unionpay'] as const;

const amounts = forms.map((gateway): Attack => ({
  name: `${gateway}: the amount is changed on the way`,
  after: 'CWE-345, CWE-353 (integrity not checked)',
  run: async (scene) => {
    const { order, letter } = await genuine(scene, gateway);
    await notBelieved(scene, gateway, withFields(letter, { [FIELDS[gateway].amount]: FIELDS[gateway].cheap }), [order]);
    await believed(scene, gateway, letter, order);
  },
}));

const retargeted = forms.map((gateway): Attack => ({
  name: `${gateway}: a notice of a cheap order is made one of a dear order`,
  after: '“How to Shop for Free Online” (IEEE S&P 2011), CWE-345',
  run: async (scene) => {
    const cheap = await genuine(scene, gateway, { price: 1 });
    const dear = await scene.openOrder(gateway, { price: 900_000 });
    const letter = withFields(cheap.letter, { [FIELDS[gateway].trade]: dear.attempt.outTradeNo });
    await notBelieved(scene, gateway, letter, [cheap.order, dear]);
    await believed(scene, gateway, cheap.letter, cheap.order);
    await scene.expectUnpaid(dear);
  },
}));

/** What a gateway itself signed, and is not ours, not this order's, or not this much. */
const signedElsewhere: readonly (readonly [Gateway, Readonly<Record<string, string | null>>, string, string])[] = [
  ['alipay', { app_id: '2021000000000009' }, 'a notice to another application', 'CWE-346 (origin), “How to Shop for Free Online”'],
  [
    'alipay',
    { seller_id: '2088000000000009' },
    'money that went to the attacker’s own account',
    '“How to Shop for Free Online” (pay yourself)',
  ],
  ['alipay', { total_amount: '0.01' }, 'one fen for a dear order', '“How to Shop for Free Online” (price tampering), CWE-472'],
  ['alipay', { total_amount: '-150.00' }, 'a negative amount', 'CWE-839, CWE-1284'],
  ['alipay', { total_amount: '1.5e2' }, 'an amount in another notation', 'CWE-1286, CWE-704'],
  ['alipay', { total_amount: '150.000000001' }, 'an amount with more digits than fen', 'CWE-681 (numeric conversion)'],
  [
    'alipay',
    { trade_status: null },
    'the signed address that every payer comes back by',
    '“How to Shop for Free Online” (return address), CWE-602',
  ],
  ['wechatpay', { mchid: '1900000009' }, 'a notice to another merchant', 'CWE-346, “How to Shop for Free Online”'],
  ['wechatpay', { appid: 'wx0000000000000009' }, 'a notice to another application', 'CWE-346'],
  ['unionpay', { merId: '777290000000002' }, 'a notice to another merchant, under the one key that signs for all', 'CWE-346'],
  ['unionpay', { txnAmt: '1' }, 'one fen for a dear order', '“How to Shop for Free Online” (price tampering), CWE-472'],
  ['unionpay', { currencyCode: '392' }, 'as many yen as fen', 'CWE-1284 (currency confusion)'],
  ['unionpay', { txnType: '31' }, 'a cancellation for a payment', 'CWE-436, CWE-840'],
];

const mistaken = signedElsewhere.map(([gateway, fields, name, after]): Attack => ({
  name: `${gateway}: ${name}`,
  after,
  run: async (scene) => {
    const order = await scene.openOrder(gateway);
    await scene.gateways.opens(order.attempt);
    const letter = await scene.gateways.letterAbout(order.attempt, { tradeStatus: PAID[gateway], fields });
    await scene.leavesNoTrace('a notice that is not about this payment', () => scene.post(gateway, letter));
    await scene.expectUnpaid(order);
    await scene.gateways.pays(order.attempt);
    await scene.expectPaid(order);
  },
}));

const underpaid = GATEWAYS.map((gateway): Attack => ({
  name: `${gateway}: the payer pays one fen, and the gateway truly says so`,
  after: '“How to Shop for Free Online” (price tampering), CWE-472',
  run: async (scene) => {
    const order = await scene.openOrder(gateway);
    await scene.gateways.pays(order.attempt, { amount: 1 });
    await scene.expectUnpaid(order);
    const found = await scene.books.count('FROM discrepancies WHERE order_id = $1', [order.id]);
    must(found > 0, 'nobody is told of money that does not fit');
  },
}));

const swapped: Attack = {
  name: 'wechatpay: the sealed content of one notice in the envelope of another',
  after: 'CWE-345, CWE-353',
  run: async (scene) => {
    const cheap = await genuine(scene, 'wechatpay', { price: 1 });
    const dear = await scene.openOrder('wechatpay', { price: 900_000 });
    const forged = await scene.gateways.letterAbout(dear.attempt, { tradeStatus: 'SUCCESS', forge: 'other_key' });
    await notBelieved(scene, 'wechatpay', { headers: cheap.letter.headers, body: forged.body }, [dear, cheap.order]);
    await believed(scene, 'wechatpay', cheap.letter, cheap.order);
  },
};

const twice: Attack = {
  name: 'alipay: the amount stands there twice',
  after: 'CWE-235 (extra parameters), HTTP parameter pollution',
  run: async (scene) => {
    const { order, letter } = await genuine(scene, 'alipay');
    for (const body of [`total_amount=0.01&${letter.body.toString()}`, `${letter.body.toString()}&total_amount=0.01`]) {
      await notBelieved(scene, 'alipay', { ...letter, body: Buffer.from(body) }, [order]);
    }
    await believed(scene, 'alipay', letter, order);
  },
};

/** What is signed is `name=value&name=value`: whoever may choose a value could move the border to the next field. */
const border: Attack = {
  name: 'alipay: a product’s name that looks like further fields of the signed text',
  after: 'Steam wallet through Smart2Pay (2021, “amount100”), CWE-74',
  run: async (scene) => {
    const sku = scene.newName('SKU');
    const name = 'Tea&total_amount=0.01&out_trade_no=1';
    const customerId = 'c&total_amount=0.01';
    same((await scene.shop.post('/v1/products', { sku, name, price: 15_000, stock: 1 })).status, 201, 'a product is added');
    const { body } = await scene.shop.post('/v1/orders', { customerId, items: [{ sku, quantity: 1 }] });
    const begun = await scene.shop.post(`/v1/orders/${String(body?.id)}/payments`, { gateway: 'alipay', method: 'page' });
    const { url } = begun.body?.action as { url: string };
    const content = JSON.parse(new URL(url).searchParams.get('biz_content') ?? '{}') as Readonly<Record<string, unknown>>;
    same(content.total_amount, '150.00', 'what is asked of the payer');
    for (const [field, value] of Object.entries(content)) {
      must(!/[&=]/.test(String(value)), `what a client chose stands in ${field}, with the signs that part fields: ${String(value)}`);
    }
  },
};

export const ALTERED_NOTICES: Family = {
  name: 'Altered and re-targeted notices',
  attacks: [...amounts, ...retargeted, ...mistaken, ...underpaid, swapped, twice, border],
};
