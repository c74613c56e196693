import { askSimulator, visit, type PayerAction } from '../../bench/world/simulator-control.js';
import { CannotRun } from '../failures.js';
import { Letterbox, type Letter } from './letterbox.js';

export const GATEWAYS = ['alipay', 'wechatpay', 'unionpay'] as const;
export type Gateway = (typeof GATEWAYS)[number];

/** How a shop asks for a payment at each. */
export const WAYS: Readonly<Record<Gateway, { readonly gateway: Gateway; readonly method: string }>> = {
  alipay: { gateway: 'alipay', method: 'page' },
  wechatpay: { gateway: 'wechatpay', method: 'native' },
  unionpay: { gateway: 'unionpay', method: 'page' },
};

export interface Attempt {
  readonly id: string;
  readonly outTradeNo: string;
  readonly action: PayerAction | null;
}

export interface Trade {
  readonly outTradeNo: string;
  readonly paidAmount: number;
  readonly refundedAmount: number;
}

/** The simulated gateways, through their control API: payers, genuine notices, and forgers who have their keys or not. */
export class Gateways {
  /** What a payer has opened already: a form that comes twice is refused. */
  private readonly opened = new Set<string>();

  constructor(private readonly url: string) {}

  /** The payer pays, and the gateway says so, or not. */
  async pays(attempt: Attempt, how: { readonly notify?: boolean; readonly amount?: number; readonly times?: number } = {}): Promise<void> {
    await this.control('POST', `/control/trades/${attempt.outTradeNo}/pay`, {
      ...(this.opened.has(attempt.outTradeNo) ? {} : visit(attempt.action)),
      ...how,
    });
  }

  /** The payer opens the cashier and goes no further, so that the gateway knows the trade. */
  async opens({ outTradeNo, action }: Attempt): Promise<void> {
    this.opened.add(outTradeNo);
    if (action?.type === 'redirect') await fetch(action.url ?? '', { redirect: 'manual' });
    if (action?.type === 'form') {
      await fetch(action.url ?? '', { method: 'POST', body: new URLSearchParams(action.fields), redirect: 'manual' });
    }
  }

  /** What the gateway would say of a trade, or what a forger would have it say, on paper. */
  async letterAbout({ outTradeNo }: Attempt, how: Readonly<Record<string, unknown>> = {}): Promise<Letter> {
    const box = await Letterbox.open();
    try {
      await this.control('POST', `/control/trades/${outTradeNo}/notify`, { ...how, to: box.url });
      const letter = box.received.at(-1);
      if (letter === undefined) throw new CannotRun('the simulator has sent no notice');
      return letter;
    } finally {
      box.close();
    }
  }

  async trade(outTradeNo: string): Promise<Trade | undefined> {
    const log = await this.control<{ trades: Trade[] }>('GET', `/log?outTradeNo=${outTradeNo}`);
    return log.trades.find((trade) => trade.outTradeNo === outTradeNo);
  }

  private control<Result>(method: string, path: string, body?: object): Promise<Result> {
    return askSimulator(this.url, method, path, body);
  }
}
