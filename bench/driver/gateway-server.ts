import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';

import { beijingTime, type Alipay } from './alipay.js';

/** Answers calls as Alipay would where all goes well: refunds are made at once, and no other trade is known. */
export async function serveGateway(alipay: Alipay): Promise<string> {
  const server = createServer((request, response) => {
    const chunks: Buffer[] = [];
    request.on('data', (chunk: Buffer) => chunks.push(chunk));
    request.on('end', () => {
      const query = new URL(request.url ?? '/', 'http://gateway').searchParams;
      const form = new URLSearchParams(Buffer.concat(chunks).toString());
      void answerTo(alipay, new Map([...query, ...form])).then((body) => {
        response.writeHead(200, { 'content-type': 'text/html;charset=utf-8', 'content-length': Buffer.byteLength(body) }).end(body);
      });
    });
  });
  await listening(server);
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/gateway.do`;
}

function listening(server: Server): Promise<void> {
  return new Promise((done) => server.listen(0, '127.0.0.1', done));
}

async function answerTo(alipay: Alipay, call: ReadonlyMap<string, string>): Promise<string> {
  const method = call.get('method') ?? '';
  const said = JSON.stringify(method === 'alipay.trade.refund' ? refunded(call) : unknownTrade);
  return `{"${method.replaceAll('.', '_')}_response":${said},"sign":"${await alipay.signature(said)}"}`;
}

const unknownTrade = { code: '40004', msg: 'Business Failed', sub_code: 'ACQ.TRADE_NOT_EXIST', sub_msg: '交易不存在' };

function refunded(call: ReadonlyMap<string, string>): object {
  const { out_trade_no, refund_amount } = JSON.parse(call.get('biz_content') ?? '{}') as Record<string, string>;
  return {
    code: '10000',
    msg: 'Success',
    buyer_logon_id: 'pay***@example.com',
    fund_change: 'Y',
    gmt_refund_pay: beijingTime(new Date()),
    out_trade_no,
    refund_fee: refund_amount,
    trade_no: `${out_trade_no}`,
  };
}
