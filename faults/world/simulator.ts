import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { readFileSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

import { Child } from '../../bench/world/child.js';
import { HarnessFailed } from '../failures.js';

const PROGRAM = fileURLToPath(new URL('../../simulator/main.js', import.meta.url));

export interface Trade {
  readonly outTradeNo: string;
  readonly gateway: string;
  readonly state: string;
  readonly paidAmount: number;
  readonly refundedAmount: number;
}

export interface BookedRefund {
  readonly outTradeNo: string;
  readonly outRequestNo: string;
  readonly amount: number;
  readonly state: string;
}

export interface Books {
  readonly trades: readonly Trade[];
  readonly refunds: readonly BookedRefund[];
}

/** What the payer must do, as the API says it. */
export interface PayerAction {
  readonly type: string;
  readonly url?: string;
  readonly codeUrl?: string;
  readonly fields?: Readonly<Record<string, string>>;
}

/** The gateways and their payers: a program of its own, whose books are the outside truth. */
export class Gateways {
  private constructor(
    private readonly child: Child,
    readonly url: string,
    /** What a merchant's backend must be set to, by name. */
    readonly settings: Readonly<Record<string, string>>,
  ) {}

  static async start(folder: string): Promise<Gateways> {
    const log = join(folder, 'simulator.log');
    const child = Child.start('the simulator', [PROGRAM], {
      cwd: folder,
      log,
      env: { SIMULATOR_PORT: '0', SIMULATOR_DATA_DIR: join(folder, 'simulator') },
    });
    for (let looks = 0; looks < 600; looks += 1) {
      child.assertAlive();
      const said = readFileSync(log, 'utf8');
      const url = /^simulator ready (\S+)$/m.exec(said)?.[1];
      if (url !== undefined) {
        const lines = [...said.matchAll(/^((?:ALIPAY|WECHATPAY|UNIONPAY)_[A-Z0-9_]+)=(.*)$/gm)];
        return new Gateways(child, url, Object.fromEntries(lines.map(([, name = '', value = '']) => [name, value])));
      }
      await pause(50);
    }
    throw new HarnessFailed(`the simulator did not come up:\n${child.lastLines()}`);
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /** The payer opens what they were given, and pays. Answers once the gateway has told the merchant, or has tried to. */
  async pays(outTradeNo: string, action: PayerAction | null, how: Readonly<Record<string, unknown>> = {}): Promise<boolean> {
    const answer = await this.ask('POST', `/control/trades/${outTradeNo}/pay`, { ...visit(action), ...how });
    return answer.ok;
  }

  /** Sends a notice about a trade, as it is or as a forger would have it. */
  async notifies(outTradeNo: string, how: Readonly<Record<string, unknown>>): Promise<readonly { readonly body: string | null }[]> {
    const answer = await this.ask('POST', `/control/trades/${outTradeNo}/notify`, how);
    return answer.ok ? ((answer.body as { notices?: { body: string | null }[] }).notices ?? []) : [];
  }

  async control(method: 'POST' | 'DELETE', path: string, body?: object): Promise<void> {
    const answer = await this.ask(method, `/control/${path}`, body);
    if (!answer.ok) throw new HarnessFailed(`the simulator would not ${method} ${path}: ${JSON.stringify(answer.body)}`);
  }

  async books(): Promise<Books> {
    return (await this.ask('GET', '/log')).body as Books;
  }

  stop(): Promise<void> {
    return this.child.stop();
  }

  private async ask(method: string, path: string, body?: object): Promise<{ ok: boolean; body: unknown }> {
    const response = await fetch(this.url + path, {
      method,
      ...(body === undefined ? {} : { headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) }),
    });
    return { ok: response.ok, body: await response.json() };
  }
}

function visit(action: PayerAction | null): Record<string, unknown> {
  switch (action?.type ?? '') {
    case 'redirect':
      return { url: action?.url };
    case 'qr_code':
      return { url: action?.codeUrl };
    case 'form':
      return { form: { url: action?.url, fields: action?.fields } };
    default:
      return {};
  }
}
