import { createPublicKey, createSign, createVerify } from 'node:crypto';
import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { AlipaySdk } from 'alipay-sdk';
import {
  createSimulator,
  generateSimulatorKeys,
  type Simulator,
  type SimulatorKeys,
  type SimulatorOptions,
} from '../../simulator/server.js';

let shared: Promise<SimulatorKeys> | undefined;

/** RSA keys take their time; one set serves all the simulators of a run, or of a spec that runs without the common set-up. */
export function sharedKeys(): Promise<SimulatorKeys> {
  const made = process.env.TEST_SIMULATOR_KEYS;
  shared ??= made === undefined ? generateSimulatorKeys() : Promise.resolve(JSON.parse(made) as SimulatorKeys);
  return shared;
}

/** A simulator for a describe block, with the official SDK as its merchant. */
export function useSimulator(options: SimulatorOptions = {}): World {
  const world = new World(options);
  beforeAll(() => world.start());
  afterEach(() => world.control('POST', '/control/reset'));
  afterAll(() => world.stop());
  return world;
}

export type Json = Record<string, unknown>;
export interface ControlAnswer {
  readonly httpStatus: number;
  readonly json: Json & {
    notices: Json[];
    trade: Json;
    trades: Json[];
    refunds: Json[];
    requests: Json[];
    unopened: Json[];
    message: string;
  };
}

export class World {
  now = new Date('2026-03-01T04:00:00.000Z');
  private running: Simulator | undefined;
  private nextNumber = 1;

  constructor(private readonly options: SimulatorOptions = {}) {}

  async start(): Promise<void> {
    const defaults = { port: 0, clock: () => this.now, keys: await sharedKeys() };
    this.running = await createSimulator({ ...defaults, ...this.options });
  }

  async stop(): Promise<void> {
    await this.running?.close();
    this.running = undefined;
  }

  get simulator(): Simulator {
    if (!this.running) throw new Error('The simulator is not running.');
    return this.running;
  }

  get sdk(): AlipaySdk {
    const { appId, appPrivateKey, alipayPublicKey, gatewayUrl } = this.simulator.alipay;
    const keys = { privateKey: appPrivateKey, keyType: 'PKCS8' as const, alipayPublicKey };
    return new AlipaySdk({ appId, ...keys, gateway: gatewayUrl, camelcase: false, timeout: 5_000 });
  }

  number(): string {
    return `T${process.pid}_${this.nextNumber++}`;
  }

  pass(milliseconds: number): void {
    this.now = new Date(this.now.getTime() + milliseconds);
  }

  /** A call by the SDK, which verifies the answer's signature. */
  async exec(method: string, biz: Json, common: Json = {}): Promise<Json> {
    return await this.sdk.exec(method, { ...common, bizContent: biz }, { validateSign: true });
  }

  pageUrl(biz: Json, common: Json = {}, method = 'alipay.trade.page.pay'): string {
    const product_code = method === 'alipay.trade.wap.pay' ? 'QUICK_WAP_WAY' : 'FAST_INSTANT_TRADE_PAY';
    return this.sdk.pageExecute(method, 'GET', { ...common, bizContent: { product_code, ...biz } });
  }

  /** The payer opens the pay page of a new order. */
  async openOrder(biz: Json = {}, common: Json = {}): Promise<string> {
    const outTradeNo = this.number();
    const order = { out_trade_no: outTradeNo, total_amount: '88.88', subject: '茶叶', ...biz };
    const answer = await fetch(this.pageUrl(order, common), { redirect: 'manual' });
    if (answer.status !== 302) throw new Error(await answer.text());
    return outTradeNo;
  }

  async paidOrder(biz: Json = {}, common: Json = {}): Promise<string> {
    const outTradeNo = await this.openOrder(biz, common);
    await this.control('POST', `/control/trades/${outTradeNo}/pay`);
    return outTradeNo;
  }

  async control(method: string, path: string, body?: unknown): Promise<ControlAnswer> {
    const json = body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    const answer = await fetch(`${this.simulator.url}${path}`, { method, ...json });
    return { httpStatus: answer.status, json: (await answer.json()) as ControlAnswer['json'] };
  }

  async log(outTradeNo?: string): Promise<ControlAnswer['json']> {
    return (await this.control('GET', outTradeNo === undefined ? '/log' : `/log?outTradeNo=${outTradeNo}`)).json;
  }

  /** A call signed here by hand, so that every byte of it can be wrong. Undefined leaves a parameter out. */
  async raw(
    method: string,
    biz: unknown,
    changes: Record<string, string | undefined> = {},
    afterSigning: Record<string, string> = {},
  ): Promise<RawAnswer> {
    const common = { app_id: this.simulator.alipay.appId, method, format: 'JSON', charset: 'utf-8', sign_type: 'RSA2', version: '1.0' };
    const content = { timestamp: '2026-03-01 12:00:00', biz_content: typeof biz === 'string' ? biz : JSON.stringify(biz) };
    const parameters = withoutUndefined({ ...common, ...content, ...changes });
    const sign = createSign('RSA-SHA256').update(textOf(parameters)).sign(this.simulator.alipay.appPrivateKey, 'base64');
    const form = new URLSearchParams({ ...parameters, ...withoutUndefined({ sign, ...changes }), ...afterSigning });
    const answer = await fetch(this.simulator.alipay.gatewayUrl, { method: 'POST', body: form, redirect: 'manual' });
    return rawAnswer(answer.status, await answer.text(), this.simulator.alipay.alipayPublicKey);
  }
}

export interface RawAnswer {
  readonly httpStatus: number;
  readonly text: string;
  readonly node: string;
  readonly fields: Json;
  readonly signature: 'valid' | 'invalid' | 'none';
}

function rawAnswer(httpStatus: number, text: string, publicKey: string): RawAnswer {
  const match = /^\{"(\w+)":/.exec(text);
  if (!match) return { httpStatus, text, node: '', fields: {}, signature: 'none' };
  const node = match[1] ?? '';
  const signed = signedSubstring(text, node);
  const { sign } = JSON.parse(text) as { sign?: string };
  const valid = sign !== undefined && createVerify('RSA-SHA256').update(signed).verify(createPublicKey(publicKey), sign, 'base64');
  return {
    httpStatus,
    text,
    node,
    fields: JSON.parse(signed) as Json,
    signature: sign === undefined ? 'none' : valid ? 'valid' : 'invalid',
  };
}

/** The bytes that an answer's signature covers, found by counting braces outside strings. */
export function signedSubstring(text: string, node: string): string {
  const start = text.indexOf('{', text.indexOf(`"${node}"`));
  let depth = 0;
  let inString = false;
  for (let at = start; at < text.length; at += 1) {
    const character = text[at];
    if (inString && character === '\\') at += 1;
    else if (character === '"') inString = !inString;
    else if (!inString && character === '{') depth += 1;
    else if (!inString && character === '}' && --depth === 0) return text.slice(start, at + 1);
  }
  throw new Error(`No complete ${node} in the answer.`);
}

export function textOf(parameters: Record<string, string>, leaveOut: readonly string[] = ['sign']): string {
  const names = Object.keys(parameters).filter((name) => parameters[name] !== '' && !leaveOut.includes(name));
  return names
    .sort()
    .map((name) => `${name}=${parameters[name]}`)
    .join('&');
}

function withoutUndefined(changes: Record<string, string | undefined>): Record<string, string> {
  return Object.fromEntries(Object.entries(changes).filter((entry): entry is [string, string] => entry[1] !== undefined));
}

/** A merchant's notify_url: remembers what came, and answers as it is told. */
export class Inbox {
  readonly received: Record<string, string>[] = [];
  readonly contentTypes: (string | undefined)[] = [];
  /** The same as they came on the wire. */
  readonly raw: { readonly headers: IncomingHttpHeaders; readonly body: string }[] = [];
  answer: { status: number; body: string; hold?: Promise<unknown> } = { status: 200, body: 'success' };
  private readonly arrivals: (() => void)[] = [];
  private readonly server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      this.contentTypes.push(request.headers['content-type']);
      const text = Buffer.concat(chunks).toString('utf8');
      this.raw.push({ headers: request.headers, body: text });
      this.received.push(Object.fromEntries(new URLSearchParams(text)));
      for (const arrived of this.arrivals.splice(0)) arrived();
      const { status, body, hold } = this.answer;
      void Promise.resolve(hold).then(() => response.writeHead(status, { 'content-type': 'text/plain' }).end(body));
    });
  });

  async start(): Promise<void> {
    await new Promise<void>((listening) => this.server.listen(0, '127.0.0.1', listening));
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections();
    await new Promise((closed) => this.server.close(closed));
  }

  get url(): string {
    return `${this.plainUrl}?shop=1`;
  }

  /** Without a query of its own. */
  get plainUrl(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/notify`;
  }

  async count(wanted: number): Promise<void> {
    while (this.received.length < wanted) await new Promise<void>((arrived) => this.arrivals.push(arrived));
  }

  clear(): void {
    this.received.length = 0;
    this.raw.length = 0;
    this.answer = { status: 200, body: 'success' };
  }
}

export function useInbox(): Inbox {
  const inbox = new Inbox();
  beforeAll(() => inbox.start());
  beforeEach(() => inbox.clear());
  afterAll(() => inbox.stop());
  return inbox;
}
