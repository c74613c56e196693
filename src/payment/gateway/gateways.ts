import { Injectable, type OnApplicationShutdown } from '@nestjs/common';

import { assert } from '../../kernel/assert.js';
import { impossible } from '../../kernel/domain-error.js';
import { insideTransaction } from '../../platform/events/transactions.js';
import type { GatewayName, PaymentGateway } from './gateway.js';

/** The gateways that are set up, by name. */
@Injectable()
export class Gateways implements OnApplicationShutdown {
  private readonly byName: ReadonlyMap<string, PaymentGateway>;

  constructor(gateways: readonly PaymentGateway[]) {
    this.byName = new Map(gateways.map((gateway) => [gateway.name, neverInsideTransaction(gateway)]));
  }

  /** A gateway that has attempts was set up once; without it they cannot be settled, so its absence is a defect. */
  of({ gateway }: { readonly gateway: GatewayName }): PaymentGateway {
    const found = this.byName.get(gateway);
    assert(found, `the gateway ${gateway} is not set up, and there are payments at it`);
    return found;
  }

  find(name: string): PaymentGateway | undefined {
    return this.byName.get(name);
  }

  /** The gateway that offers a method. Throws the 422 `payment_method_unavailable`. */
  offering(name: string, method: string): PaymentGateway {
    const gateway = this.byName.get(name);
    if (gateway?.methods.includes(method)) return gateway;
    const offered = [...this.byName.values()].flatMap((one) => one.methods.map((offer) => `${one.name} ${offer}`));
    throw impossible(
      'payment_method_unavailable',
      `${name} ${method} is not set up here. There is: ${offered.join(', ') || 'nothing yet'}.`,
      {
        offered,
      },
    );
  }

  async onApplicationShutdown(): Promise<void> {
    await Promise.all([...this.byName.values()].map((gateway) => gateway.disconnect()));
  }
}

/** The seventh promise, kept by machine: a network call inside a transaction is a defect, and stops there. */
function neverInsideTransaction(gateway: PaymentGateway): PaymentGateway {
  const outside = <Arguments extends unknown[], Result>(call: (...given: Arguments) => Promise<Result>) => {
    return (...given: Arguments): Promise<Result> => {
      assert(!insideTransaction(), `the gateway ${gateway.name} was called inside a transaction`);
      return call(...given);
    };
  };
  return {
    name: gateway.name,
    methods: gateway.methods,
    acknowledged: gateway.acknowledged,
    refused: gateway.refused,
    signsOnly: (method) => gateway.signsOnly(method),
    pay: (attempt) => (gateway.signsOnly(attempt.method) ? gateway.pay(attempt) : outside(gateway.pay.bind(gateway))(attempt)),
    query: outside(gateway.query.bind(gateway)),
    close: outside(gateway.close.bind(gateway)),
    refund: outside(gateway.refund.bind(gateway)),
    queryRefund: outside(gateway.queryRefund.bind(gateway)),
    readCallback: (callback) => gateway.readCallback(callback),
    disconnect: () => gateway.disconnect(),
  };
}
