import { existsSync } from 'node:fs';

import { StepFailed, UsageError } from './failures.js';
import { Payer } from './payer.js';
import { readSettings, type DemoProgram } from './settings.js';
import { Shop } from './shop.js';
import type { Stage } from './stage.js';
import { compareBooks } from './story/books.js';
import { changeOfGateway } from './story/change-of-gateway.js';
import { lostNotice } from './story/lost-notice.js';
import { paidTwice, paidWhileCancelled } from './story/money-goes-back.js';
import { cancelledByHand, expiresByItself } from './story/never-paid.js';
import { openTheShop, payIt, placeIt, refundPartOfIt, shipIt } from './story/order-to-refund.js';
import { Transcript } from './transcript.js';

async function main(): Promise<void> {
  if (existsSync('.env')) process.loadEnvFile('.env');
  const settings = readSettings(process.argv.slice(2), process.env);
  const run = `${Date.now().toString(36)}${Math.floor(Math.random() * 1296).toString(36)}`.toUpperCase();
  const stage: Stage = {
    shop: new Shop(settings.apiUrl, settings.apiKey),
    payer: new Payer(settings.simulatorUrl),
    gateway: settings.program.gateway,
    transcript: new Transcript(),
    run,
    goods: {
      tea: { sku: `DEMO-${run}-TEA`, name: '西湖龙井 Longjing tea, 500 g', price: 15000, stock: 20 },
      pot: { sku: `DEMO-${run}-POT`, name: '紫砂壶 Yixing teapot', price: 32000, stock: 5 },
      cup: { sku: `DEMO-${run}-CUP`, name: '茶杯 Tea cup', price: 4500, stock: 12 },
    },
    played: [],
  };
  const { transcript, payer } = stage;
  await stage.shop.ready();
  transcript.line(
    `Suanpan at ${settings.apiUrl}, ${castOf(settings.program)} played by the simulator at ${settings.simulatorUrl}. Run ${run}.`,
  );

  // Whoever stops the story half-way leaves the gateway as it was found.
  process.once('SIGINT', () => void payer.restoreNotices().finally(() => process.exit(130)));
  try {
    await payer.setNotices('deliver');
    await play(stage, settings.program);
  } finally {
    // What the story says of its own failure counts, not that the gateway is gone as well.
    await payer.restoreNotices().catch(() => undefined);
  }
}

async function play(stage: Stage, { wholeStory, change }: DemoProgram): Promise<void> {
  await openTheShop(stage);
  if (wholeStory) await playStory(stage);
  if (change) await changeOfGateway(stage, change);
  stage.transcript.summary(await compareBooks(stage));
}

async function playStory(stage: Stage): Promise<void> {
  const order = await placeIt(stage);
  await payIt(stage, order);
  await shipIt(stage, order);
  await refundPartOfIt(stage, order);
  await lostNotice(stage);
  await cancelledByHand(stage);
  await paidWhileCancelled(stage);
  await paidTwice(stage);
  await expiresByItself(stage);
}

/** `WeChat Pay and Alipay are`, or `UnionPay is`. */
function castOf({ gateway, change }: DemoProgram): string {
  const titles = [...new Set([gateway, change?.from, change?.to].flatMap((one) => (one ? [one.title] : [])))];
  return `${titles.join(' and ')} ${titles.length === 1 ? 'is' : 'are'}`;
}

main().catch((error: unknown) => {
  const foreseen = error instanceof StepFailed || error instanceof UsageError;
  const story = error instanceof Error ? (error.stack ?? error.message) : String(error);
  process.stderr.write(`demo failed: ${foreseen ? error.message : story}\n`);
  process.exitCode = error instanceof UsageError ? 2 : 1;
});
