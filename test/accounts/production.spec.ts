import { GatewayAccounts } from '../../src/payment/accounts/gateway-accounts.js';
import { AccountFigures } from '../../src/payment/gateway/account-figures.js';
import { GatewayOptions, Gateways } from '../../src/payment/gateway/gateways.js';
import { PaymentSettings } from '../../src/payment/payment-settings.js';
import { Metrics } from '../../src/platform/http/metrics.js';
import { Vault } from '../../src/platform/secrets/vault.js';
import { useWorld } from '../support/world.js';

describe('A database that was developed on', () => {
  const world = useWorld();

  it('gives production no account of the simulator', async () => {
    const accounts = new GatewayAccounts(world.db, new Vault([world.secretsKey]), new PaymentSettings('https://pay.example.com', []));
    const gateways = new Gateways(accounts, world.clock, new GatewayOptions(), new AccountFigures(new Metrics()));
    await gateways.onApplicationBootstrap();
    try {
      for (const name of ['alipay', 'wechatpay', 'unionpay']) expect((await gateways.receiving(name)).length).toBe(0);
    } finally {
      await gateways.onApplicationShutdown();
    }
  });
});
