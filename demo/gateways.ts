/** A gateway that the story can be paid at, and the two ways of paying there that it uses. */
export interface DemoGateway {
  readonly name: string;
  readonly title: string;
  /** The payer's browser is sent to the gateway's cashier. */
  readonly byPage: string;
  /** The payer scans a code that the gateway gave out. */
  readonly byCode: string;
}

export const GATEWAYS: ReadonlyMap<string, DemoGateway> = new Map([
  ['alipay', { name: 'alipay', title: 'Alipay', byPage: 'page', byCode: 'qr' }],
]);
