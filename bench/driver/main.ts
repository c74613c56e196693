import { Alipay } from './alipay.js';
import { closedLoop, untilDone } from './closed-loop.js';
import type { Stages } from './flow.js';
import { serveGateway } from './gateway-server.js';
import type { DriverMessage, Job, Measured, Order } from './job.js';
import { mixedFlow } from './mixed-flow.js';
import { noticeFlow } from './notice-flow.js';
import { buyerFlow, customerFlow, orderFlow } from './order-flow.js';
import { pacedLoop } from './paced-loop.js';
import { paidOrders } from './paid-orders.js';
import { refundFlow } from './refund-flow.js';
import { rush } from './rush.js';

// The driver: a process of its own, so that what it costs can be told from what it measures. It is the shop, and it is Alipay.

const tell = (message: DriverMessage): void => void process.send?.(message);

const stages: Stages = {
  measuring: () => tell({ kind: 'measuring' }),
  measured: () => tell({ kind: 'measured' }),
};

let alipay: Alipay | undefined;
let signed: readonly string[] = [];

function run(job: Job): Promise<Measured> {
  const { target, work } = job;
  switch (work.kind) {
    case 'orders':
      return closedLoop(job, work, orderFlow(target, work.lines), stages);
    case 'paced-orders':
      return pacedLoop(job, work, orderFlow(target, work.lines), stages);
    case 'customers':
      return closedLoop(job, work, customerFlow(target, work.lines), stages);
    case 'rush':
      return rush(job, work, customerFlow(target, work.lines), stages);
    case 'mixed':
      return closedLoop(job, work, mixedFlow(target), stages);
    case 'buyers':
      return untilDone(job, buyerFlow(target, work.buyers), stages);
    case 'notices':
      return closedLoop(job, work, noticeFlow(target, signed), stages);
    case 'paid-orders':
      return paidOrders(job, work, playing(), stages);
    case 'refunds':
      return untilDone(job, refundFlow(target, work.orderIds), stages);
  }
}

async function follow(order: Order): Promise<void> {
  switch (order.kind) {
    case 'play':
      alipay = new Alipay(order.role);
      return tell({ kind: 'playing', gatewayUrl: await serveGateway(alipay) });
    case 'sign':
      signed = await playing().notices(order.trades);
      return tell({ kind: 'signed' });
    case 'run':
      return tell({ kind: 'done', measured: await run(order.job) });
  }
}

function playing(): Alipay {
  if (alipay === undefined) throw new Error('the driver plays no gateway yet');
  return alipay;
}

process.on('message', (order: Order) => {
  follow(order).catch((error: unknown) =>
    tell({ kind: 'failed', reason: error instanceof Error ? (error.stack ?? error.message) : String(error) }),
  );
});
process.on('disconnect', () => process.exit());
// A Ctrl-C at the terminal is for whoever started us.
process.on('SIGINT', () => undefined);
tell({ kind: 'ready' });
