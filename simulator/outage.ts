import type { FastifyInstance } from 'fastify';
import type { Clock } from './clock.js';
import { GATEWAY_NAMES, type GatewayName } from './ledger/trade.js';
import type { RequestLog } from './request-log.js';
import { resetConnection } from './spoil.js';

/** Gateways that are down: whoever calls one finds the connection reset, until a test lets it come up again. */
export class Outage {
  private readonly down = new Set<GatewayName>();

  /** Absent: all of them. */
  set(on: boolean, gateway?: GatewayName): void {
    for (const name of gateway === undefined ? GATEWAY_NAMES : [gateway]) {
      if (on) this.down.add(name);
      else this.down.delete(name);
    }
  }

  list(): GatewayName[] {
    return [...this.down];
  }

  clear(): void {
    this.down.clear();
  }

  /** Lets nothing through to the routes of this scope while the gateway is down. */
  guard(scope: FastifyInstance, gateway: GatewayName, requests: RequestLog, clock: Clock): void {
    scope.addHook('onRequest', async (request, reply) => {
      if (!this.down.has(gateway)) return;
      const unread = { outTradeNo: null, outRequestNo: null, code: null, subCode: null };
      requests.add({ at: clock().toISOString(), gateway, method: null, ...unread, fault: 'outage' });
      await Promise.resolve(resetConnection(request, reply));
    });
  }
}
