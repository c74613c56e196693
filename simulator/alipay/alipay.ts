import { createPrivateKey, createPublicKey } from 'node:crypto';
import type { FaultPlan } from '../faults.js';
import type { Gateway } from '../gateway.js';
import type { RequestLog } from '../request-log.js';
import { openPageUrl } from './answer-call.js';
import { parametersOf } from './call.js';
import type { AlipayContext } from './context.js';
import type { AlipayKeys } from './keys.js';
import { announcement, AlipayNotices } from './notices.js';
import { returnAddress } from './return-address.js';
import { Stranger } from './stranger.js';
import { statusWord } from './trade-fields.js';
import { AlipayWire } from './wire.js';

export type AlipayParts = Omit<AlipayContext, 'appPublicKey' | 'alipayPrivateKey'> & {
  readonly keys: AlipayKeys;
  readonly faults: FaultPlan;
  readonly requests: RequestLog;
};

/** The simulated Alipay, as the rest of the simulator uses it. */
export function createAlipay({ keys, faults, requests, ...parts }: AlipayParts): Gateway {
  const alipayPrivateKey = createPrivateKey(keys.alipayPrivateKey);
  const alipay: AlipayContext = { ...parts, appPublicKey: createPublicKey(keys.appPublicKey), alipayPrivateKey };
  const stranger = new Stranger();
  const writer = new AlipayNotices(alipayPrivateKey, stranger);
  const wire = new AlipayWire(alipay, faults, requests, stranger);

  return {
    name: 'alipay',
    title: '支付宝 Alipay',
    merchant: '模拟商户 Simulated merchant',
    writer,
    routes: (app) => {
      app.route({ method: ['GET', 'POST'], url: '/gateway.do', handler: (request, reply) => wire.serve(request, reply) });
    },
    statusOf: statusWord,
    announcement,
    craft: (trade, wish) => writer.craft(trade, wish, alipay.clock()),
    ownsPage: (url) => url.pathname === '/gateway.do',
    openPage: (url) => openPageUrl(parametersOf(url.search, ''), alipay),
    returnAddress: (trade) => returnAddress(trade, alipayPrivateKey, alipay.clock()),
  };
}
