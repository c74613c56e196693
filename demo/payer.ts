import { StepFailed } from './failures.js';
import { request } from './http.js';
import type { PayerAction, Trade } from './shapes.js';

const SIMULATOR = {
  name: 'The gateway simulator',
  hint: 'npm start brings it up; SIMULATOR_URL says where it is. The demo cannot be played at a real gateway.',
};

/** `deliver` as a real gateway does, `drop` loses notices for good, `hold` keeps them until they are released. */
export type NoticeMode = 'deliver' | 'drop' | 'hold';

/** The gateway's side of the story: the payer at the cashier, and what becomes of the gateway's notices. */
export class Payer {
  private found: object | undefined;

  constructor(private readonly simulatorUrl: string) {}

  /**
   * The payer's browser opens the cashier or posts the form that leads there, or the payer's phone scans the code. Answers the
   * address of the page with the pay button.
   */
  async open(action: PayerAction | null): Promise<string> {
    if (action === null) throw new StepFailed('The payment has no action, so the payer has nowhere to go.');
    const page = await this.visit(action);
    if (!page.ok) throw new StepFailed(`The cashier answered the payer with HTTP ${page.status}.`);
    return page.url;
  }

  /** The payer presses the button. The page then says whether that paid or came too late. */
  async pressPay(cashier: string): Promise<void> {
    const page = await request(`${cashier}/pay`, SIMULATOR, { method: 'POST' });
    if (!page.ok) throw new StepFailed(`The cashier answered the pay button with HTTP ${page.status}.`);
  }

  async openAndPay(action: PayerAction | null): Promise<void> {
    await this.pressPay(await this.open(action));
  }

  /** Decides what becomes of notices from now on; `restoreNotices` puts back what was found. */
  async setNotices(mode: NoticeMode): Promise<void> {
    this.found ??= await this.control<object>('GET', '/control/notices');
    await this.control('POST', '/control/notices', { mode });
  }

  async releaseNotices(): Promise<void> {
    await this.control('POST', '/control/notices/release');
  }

  async restoreNotices(): Promise<void> {
    if (this.found === undefined) return;
    await this.control('POST', '/control/notices', this.found);
    this.found = undefined;
  }

  /** What the gateway's own books say about a trade; undefined where no payer ever opened it. */
  async trade(outTradeNo: string): Promise<Trade | undefined> {
    const { trades } = await this.control<{ trades: readonly Trade[] }>('GET', `/log?outTradeNo=${outTradeNo}`);
    return trades.find((trade) => trade.outTradeNo === outTradeNo);
  }

  private visit(action: PayerAction): Promise<Response> {
    switch (action.type) {
      case 'redirect':
        return request(action.url, SIMULATOR);
      case 'qr_code':
        // Only a phone knows what to do with weixin://; the simulator's page for scanning does as it would.
        return request(`${this.simulatorUrl}/scan/open?code=${encodeURIComponent(action.codeUrl)}`, SIMULATOR);
      case 'form':
        return request(action.url, SIMULATOR, { method: 'POST', body: new URLSearchParams(action.fields) });
    }
  }

  private async control<Answer>(method: string, path: string, body: object = {}): Promise<Answer> {
    const headers = { 'content-type': 'application/json' };
    const answer = await request(this.simulatorUrl + path, SIMULATOR, {
      method,
      ...(method === 'GET' ? {} : { headers, body: JSON.stringify(body) }),
    });
    if (!answer.ok) throw new StepFailed(`The gateway simulator answered ${method} ${path} with HTTP ${answer.status}.`);
    return (await answer.json()) as Answer;
  }
}
