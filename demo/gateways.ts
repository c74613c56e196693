/** A way of paying at a gateway. */
export interface Way {
  readonly method: string;
  /** For the transcript: the payer pays … */
  readonly words: string;
  /** What this way must be told about the payer. */
  readonly payer?: { readonly clientIp: string };
}

/** A gateway that the story can be paid at, and where its nature shows in the story. */
export interface DemoGateway {
  readonly name: string;
  readonly title: string;
  /** The payer's browser is sent to the gateway's cashier. */
  readonly byPage: Way;
  /** The payer scans a code that the gateway gave out; where the gateway has none, the page once more. */
  readonly byCode: Way;
  /** Whether the trade is there as soon as the program has started the payment, or only once the payer comes with what it signed. */
  readonly tradeBegins: 'at_once' | 'with_the_payer';
  /** Whether a trade that the payer has opened can be closed by the program, or ends by its time alone. */
  readonly closes: boolean;
}

const UNIONPAY_PAGE: Way = { method: 'page', words: "at UnionPay's page" };

const ALL: readonly DemoGateway[] = [
  {
    name: 'alipay',
    title: 'Alipay',
    byPage: { method: 'page', words: "at Alipay's page" },
    byCode: { method: 'qr', words: 'by Alipay QR code' },
    tradeBegins: 'with_the_payer',
    closes: true,
  },
  {
    name: 'wechatpay',
    title: 'WeChat Pay',
    byPage: { method: 'h5', words: "at WeChat Pay's page in a mobile browser", payer: { clientIp: '203.0.113.7' } },
    byCode: { method: 'native', words: 'by WeChat Pay QR code' },
    tradeBegins: 'at_once',
    closes: true,
  },
  {
    name: 'unionpay',
    title: 'UnionPay',
    byPage: UNIONPAY_PAGE,
    byCode: UNIONPAY_PAGE,
    tradeBegins: 'with_the_payer',
    closes: false,
  },
];

export const GATEWAYS: ReadonlyMap<string, DemoGateway> = new Map(ALL.map((gateway) => [gateway.name, gateway]));
