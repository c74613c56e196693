import { X509Certificate } from 'node:crypto';

import { Injectable } from '@nestjs/common';
import { Counter, Gauge } from 'prom-client';

import { SECOND } from '../../kernel/clock.js';
import type { GatewayAccountId } from '../../kernel/ids.js';
import { Metrics } from '../../platform/http/metrics.js';
import type { GatewayName, PaymentGateway } from './gateway.js';
import type { SettingFields } from './settings.js';

interface Opened {
  readonly account: { readonly id: GatewayAccountId; readonly gateway: GatewayName };
  readonly gateway: PaymentGateway;
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** How the accounts fare: whether each can be reached, what its calls come to, until when its certificates are good. */
@Injectable()
export class AccountFigures {
  readonly calls: Counter;
  private readonly reachable: Gauge;
  private readonly expiry: Gauge;
  private opened: readonly Opened[] = [];
  /** Of each account, until when the certificates of a setting are good. */
  private readonly ends = new Map<GatewayAccountId, readonly (readonly [setting: string, seconds: number])[]>();

  constructor({ registry }: Metrics) {
    this.calls = new Counter({
      name: 'suanpan_gateway_calls_total',
      help: 'Calls to gateways, by what they came to.',
      labelNames: ['gateway', 'call', 'outcome'],
      registers: [registry],
    });
    this.reachable = new Gauge({
      name: 'suanpan_gateway_reachable',
      help: 'Whether an account is called as usual (1), or left in peace because it has been failing (0).',
      labelNames: ['gateway', 'account'],
      registers: [registry],
      collect: () => this.look(),
    });
    this.expiry = new Gauge({
      name: 'suanpan_certificate_expiry_timestamp_seconds',
      help: 'Until when a certificate of an account is good, in seconds since 1970; of several in one setting, the last.',
      labelNames: ['gateway', 'account', 'setting'],
      registers: [registry],
    });
  }

  /** These are the accounts now. */
  are(opened: readonly Opened[]): void {
    this.opened = opened;
  }

  /** An account was opened with these settings. */
  opens({ id }: Pick<Opened['account'], 'id'>, fields: SettingFields): void {
    const ends = Object.entries(fields).flatMap(([setting, text = '']) => {
      const each = (text.match(CERTIFICATE) ?? []).flatMap(endOf);
      return each.length === 0 ? [] : [[setting, Math.max(...each) / SECOND] as const];
    });
    this.ends.set(id, ends);
  }

  private look(): void {
    this.reachable.reset();
    this.expiry.reset();
    for (const { account, gateway } of this.opened) {
      const labels = { gateway: account.gateway, account: account.id };
      this.reachable.set(labels, gateway.reachability() === 'reachable' ? 1 : 0);
      for (const [setting, seconds] of this.ends.get(account.id) ?? []) this.expiry.set({ ...labels, setting }, seconds);
    }
  }
}

/** Roots come with some of SM2 among them, which Node cannot read and nobody needs. */
function endOf(pem: string): number[] {
  try {
    return [Date.parse(new X509Certificate(pem).validTo)];
  } catch {
    return [];
  }
}
