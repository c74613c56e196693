import { startSimulator, type RunningSimulator } from '../../bench/world/simulator.js';
import { SimulatorRefused, askSimulator, visit, type PayerAction } from '../../bench/world/simulator-control.js';

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

/** The gateways and their payers: a program of its own, whose books are the outside truth. */
export class Gateways {
  private constructor(private readonly running: RunningSimulator) {}

  static async start(folder: string): Promise<Gateways> {
    return new Gateways(await startSimulator(folder));
  }

  /** What a merchant's backend must be set to, by name. */
  get settings(): Readonly<Record<string, string>> {
    return this.running.settings;
  }

  get url(): string {
    return this.running.url;
  }

  get port(): number {
    return Number(new URL(this.url).port);
  }

  /**
   * The payer opens what they were given, and pays. Answers once the gateway has told the merchant, or has tried to; false where the
   * payer could not pay.
   */
  async pays(outTradeNo: string, action: PayerAction | null, how: Readonly<Record<string, unknown>> = {}): Promise<boolean> {
    const paid = this.ask('POST', `/control/trades/${outTradeNo}/pay`, { ...visit(action), ...how });
    return paid.then(() => true).catch(refusedIs(false));
  }

  /** Sends a notice about a trade, as it is or as a forger would have it. */
  async notifies(outTradeNo: string, how: Readonly<Record<string, unknown>>): Promise<readonly { readonly body: string | null }[]> {
    const sent = this.ask<{ notices?: { body: string | null }[] }>('POST', `/control/trades/${outTradeNo}/notify`, how);
    return sent.then(({ notices = [] }) => notices).catch(refusedIs([]));
  }

  async control(method: 'POST' | 'DELETE', path: string, body?: object): Promise<void> {
    await this.ask(method, `/control/${path}`, body);
  }

  books(): Promise<Books> {
    return this.ask('GET', '/log');
  }

  stop(): Promise<void> {
    return this.running.child.stop();
  }

  private ask<Answer>(method: string, path: string, body?: object): Promise<Answer> {
    return askSimulator(this.url, method, path, body);
  }
}

function refusedIs<Result>(result: Result): (error: unknown) => Result {
  return (error) => {
    if (error instanceof SimulatorRefused) return result;
    throw error;
  };
}
