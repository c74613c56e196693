import { createAlipay } from './alipay/alipay.js';
import type { Gateway, GatewayParts } from './gateway.js';
import type { SimulatorKeys } from './keys.js';
import type { GatewayName } from './ledger/trade.js';
import { createWechatpay } from './wechatpay/wechatpay.js';
import { createUnionPay } from './unionpay/unionpay.js';

/** The gateways that the simulator stands in for. */
export class Gateways {
  private readonly byName: ReadonlyMap<GatewayName, Gateway>;

  constructor(gateways: readonly Gateway[]) {
    this.byName = new Map(gateways.map((gateway) => [gateway.name, gateway]));
  }

  get(name: GatewayName): Gateway {
    const gateway = this.byName.get(name);
    if (!gateway) throw new Error(`There is no gateway ${name}.`);
    return gateway;
  }

  all(): Gateway[] {
    return [...this.byName.values()];
  }
}

export function createGateways(parts: GatewayParts, keys: SimulatorKeys): Gateways {
  return new Gateways([
    createAlipay({ ...parts, keys: keys.alipay }),
    createWechatpay({ ...parts, keys: keys.wechatpay }),
    createUnionPay({ ...parts, keys: keys.unionpay }),
  ]);
}
