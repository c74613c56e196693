import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';

import type { PaymentGateway } from '../../src/payment/gateway/gateway.js';
import { CONTRACTS } from './contracts.js';
import { useCounter } from './counter.js';

/** Carries bytes to the simulator and back, and counts how many connections are open at once. */
class Wire {
  most = 0;
  private readonly open = new Set<Socket>();

  private constructor(
    private readonly server: Server,
    private readonly target: URL,
  ) {}

  static async to(target: string): Promise<Wire> {
    const server = createServer();
    const wire = new Wire(server, new URL(target));
    server.on('connection', (socket) => wire.carry(socket));
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return wire;
  }

  address(address: string): string {
    return address.replace(this.target.origin, `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`);
  }

  async cut(): Promise<void> {
    for (const socket of this.open) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  private carry(socket: Socket): void {
    const onwards = connect({ host: this.target.hostname, port: Number(this.target.port) });
    this.open.add(socket);
    this.most = Math.max(this.most, this.open.size);
    for (const [from, to] of [
      [socket, onwards],
      [onwards, socket],
    ] as const) {
      from.pipe(to);
      from.on('error', () => to.destroy());
      from.on('close', () => (to.destroy(), this.open.delete(socket)));
    }
  }
}

describe.each(CONTRACTS)('$title', (contract) => {
  const { gateway: name } = contract;
  const counter = useCounter(contract);
  const REST = 60_000;
  let resting: PaymentGateway;

  const rest = (totalTimeout: number) => counter.another({ totalTimeout, failuresUntilRest: 3, rest: REST });
  // Only the clocks that a rest is measured by, so that it ends when a test says so, however slow the machine is.
  beforeAll(() => {
    const timers = ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'setImmediate', 'clearImmediate'] as const;
    jest.useFakeTimers({ doNotFake: [...timers, 'nextTick', 'queueMicrotask', 'hrtime'] });
  });
  afterAll(() => void jest.useRealTimers());
  afterEach(() => resting.disconnect());

  const restIsOver = () => jest.advanceTimersByTime(REST);

  it.each(['http_500', 'timeout'])(
    'is left in peace after three answers of the kind %s, and is called again after its rest',
    async (kind) => {
      resting = rest(kind === 'timeout' ? 400 : 20_000);
      const paid = await counter.paid();
      // Whatever is fetched once, such as certificates, is there before the faults begin.
      expect(await resting.query(paid)).toMatchObject({ kind: 'succeeded' });
      await counter.payer.breaks({ gateway: name, kind, times: 0 });
      for (let failures = 0; failures < 3; failures += 1) expect(await resting.query(paid)).toMatchObject({ kind: 'unknown' });
      expect(resting.reachability()).toBe('resting');
      const calls = await counter.calls();

      const refused = await Promise.all([
        ...Array.from({ length: 20 }, () => resting.query(paid)),
        resting.close(paid),
        resting.refund(counter.refundOf(paid)),
        resting.queryRefund(counter.refundOf(paid)),
        ...Object.keys(contract.called).map((method) => resting.pay(counter.order(method))),
      ]);

      expect(new Set(refused.map((outcome) => outcome.kind))).toEqual(new Set(['not_now']));
      expect(await counter.calls()).toBe(calls);
      // What needs no call goes on, and so does reading what comes.
      if (Object.keys(contract.called).length < contract.methods.length) {
        expect(await resting.pay(counter.order())).toMatchObject({ kind: 'action' });
      }

      restIsOver();
      expect(resting.reachability()).toBe('probing');
      expect(await resting.query(paid)).toMatchObject({ kind: 'unknown' });
      expect(resting.reachability()).toBe('resting');
      expect(await resting.query(paid)).toMatchObject({ kind: 'not_now' });

      await counter.payer.isMended();
      restIsOver();
      expect(await resting.query(paid)).toMatchObject({ kind: 'succeeded', settled: paid.amount });
      expect(resting.reachability()).toBe('reachable');
      expect(await counter.booked(paid)).toEqual([]);
    },
  );

  it('is not left in peace because it refuses, or is not believed', async () => {
    resting = rest(20_000);
    const paid = await counter.paid();
    expect(await resting.query(paid)).toMatchObject({ kind: 'succeeded' });
    const tooMuch = () => resting.refund({ ...counter.refundOf(paid), amount: { amount: 9_999, currency: 'CNY' } });
    for (let refusals = 0; refusals < 5; refusals += 1) expect(await tooMuch()).toMatchObject({ kind: 'declined' });
    await counter.payer.breaks({ gateway: name, kind: 'wrong_signature', times: 5 });
    for (let doubts = 0; doubts < 5; doubts += 1) expect(await resting.query(paid)).toMatchObject({ kind: 'unknown' });
    expect(resting.reachability()).toBe('reachable');
    expect(await resting.query(paid)).toMatchObject({ kind: 'succeeded' });
  });

  it('is asked by two hundred at once over at most sixteen connections', async () => {
    const paid = await counter.paid();
    const wire = await Wire.to(counter.simulator.url);
    resting = counter.another({ connectTimeout: 60_000, totalTimeout: 60_000 }, (address) => wire.address(address));
    const found = await Promise.all(Array.from({ length: 200 }, () => resting.query(paid)));
    expect(found.filter(({ kind }) => kind === 'succeeded')).toHaveLength(200);
    expect(wire.most).toBeGreaterThan(1);
    expect(wire.most).toBeLessThanOrEqual(16);
    await resting.disconnect();
    await wire.cut();
  });
});
