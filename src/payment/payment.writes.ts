import type { UnitOfWork } from '../platform/events/unit-of-work.js';
import type { CallbackEntity } from './callback.entity.js';
import type { AttemptEntity, PaymentEntity, RefundEntity } from './payment.entity.js';

// Rows of a table in one statement, however many: each column is one array. The names are constants of this file.

type Column<Row> = readonly [column: string, type: string, field: keyof Row & string];

const PAYMENT_CHANGES: readonly Column<PaymentEntity>[] = [
  ['id', 'uuid', 'id'],
  ['status', 'text', 'status'],
  ['paid_by_attempt', 'uuid', 'paidByAttempt'],
  ['refunding', 'bigint', 'refunding'],
  ['refunded', 'bigint', 'refunded'],
  ['attempts', 'int', 'attempts'],
];

const ATTEMPT: readonly Column<AttemptEntity>[] = [
  ['id', 'uuid', 'id'],
  ['payment_id', 'uuid', 'paymentId'],
  ['order_id', 'uuid', 'orderId'],
  ['merchant_id', 'uuid', 'merchantId'],
  ['number', 'int', 'number'],
  ['gateway', 'text', 'gateway'],
  ['account_id', 'uuid', 'accountId'],
  ['method', 'text', 'method'],
  ['out_trade_no', 'text', 'outTradeNo'],
  ['status', 'text', 'status'],
  ['amount', 'bigint', 'amount'],
  ['currency', 'text', 'currency'],
  ['return_url', 'text', 'returnUrl'],
  ['client_ip', 'text', 'clientIp'],
  ['open_id', 'text', 'openId'],
  ['action', 'jsonb', 'action'],
  ['gateway_ref', 'text', 'gatewayRef'],
  ['paid_at', 'timestamptz', 'paidAt'],
  ['used_as', 'text', 'usedAs'],
  ['failure_reason', 'text', 'failureReason'],
  ['asked', 'int', 'asked'],
  ['ask_at', 'timestamptz', 'askAt'],
  ['close_requested', 'boolean', 'closeRequested'],
  ['expires_at', 'timestamptz', 'expiresAt'],
  ['correlation_id', 'text', 'correlationId'],
  ['created_at', 'timestamptz', 'createdAt'],
];

/** What happens to an attempt after it was started. */
const ATTEMPT_CHANGES = ATTEMPT.filter(([column]) =>
  ['id', 'status', 'action', 'gateway_ref', 'paid_at', 'used_as', 'failure_reason', 'asked', 'ask_at', 'close_requested'].includes(column),
);

const REFUND: readonly Column<RefundEntity>[] = [
  ['id', 'uuid', 'id'],
  ['payment_id', 'uuid', 'paymentId'],
  ['attempt_id', 'uuid', 'attemptId'],
  ['order_id', 'uuid', 'orderId'],
  ['merchant_id', 'uuid', 'merchantId'],
  ['gateway', 'text', 'gateway'],
  ['account_id', 'uuid', 'accountId'],
  ['tries', 'int', 'tries'],
  ['sent_at', 'timestamptz', 'sentAt'],
  ['former_sent_at', 'timestamptz', 'formerSentAt'],
  ['kind', 'text', 'kind'],
  ['status', 'text', 'status'],
  ['amount', 'bigint', 'amount'],
  ['currency', 'text', 'currency'],
  ['reason', 'text', 'reason'],
  ['restock', 'jsonb', 'restock'],
  ['failure_reason', 'text', 'failureReason'],
  ['asked', 'int', 'asked'],
  ['ask_at', 'timestamptz', 'askAt'],
  ['correlation_id', 'text', 'correlationId'],
  ['created_at', 'timestamptz', 'createdAt'],
  ['refunded_at', 'timestamptz', 'refundedAt'],
];

const CALLBACK: readonly Column<CallbackEntity>[] = [
  ['id', 'uuid', 'id'],
  ['gateway', 'text', 'gateway'],
  ['topic', 'text', 'topic'],
  ['merchant_id', 'uuid', 'merchantId'],
  ['order_id', 'uuid', 'orderId'],
  ['account_id', 'uuid', 'accountId'],
  ['headers', 'jsonb', 'headers'],
  ['verdict', 'text', 'verdict'],
  ['effect', 'text', 'effect'],
  ['reason', 'text', 'reason'],
  ['notice_id', 'text', 'noticeId'],
  ['out_trade_no', 'text', 'outTradeNo'],
  ['refund_no', 'text', 'refundNo'],
  ['received_at', 'timestamptz', 'receivedAt'],
  ['replay_of', 'uuid', 'replayOf'],
];

const UPDATE_PAYMENTS = update('payments', PAYMENT_CHANGES);
const INSERT_ATTEMPTS = insert('payment_attempts', ATTEMPT);
const UPDATE_ATTEMPTS = update('payment_attempts', ATTEMPT_CHANGES);
const INSERT_REFUNDS = insert('refunds', REFUND);

const INSERT_CALLBACKS = insert('callbacks', CALLBACK, ['body', 'sealed']);

export function insertCallbacks(work: UnitOfWork, callbacks: readonly CallbackEntity[]): void {
  const [bodies, sealed] = [joined(callbacks.map(({ body }) => body)), joined(callbacks.map((callback) => callback.sealed))];
  work.write(INSERT_CALLBACKS, [...arrays(CALLBACK, callbacks), ...bodies, ...sealed]);
}

export function updatePayments(work: UnitOfWork, payments: readonly PaymentEntity[]): void {
  work.write(UPDATE_PAYMENTS, arrays(PAYMENT_CHANGES, payments));
}

export function insertAttempts(work: UnitOfWork, attempts: readonly AttemptEntity[]): void {
  work.write(INSERT_ATTEMPTS, arrays(ATTEMPT, attempts));
}

export function updateAttempts(work: UnitOfWork, attempts: readonly AttemptEntity[]): void {
  work.write(UPDATE_ATTEMPTS, arrays(ATTEMPT_CHANGES, attempts));
}

export function insertRefunds(work: UnitOfWork, refunds: readonly RefundEntity[]): void {
  work.write(INSERT_REFUNDS, arrays(REFUND, refunds));
}

/** `bytes` are columns of bytes, which come behind the others as `joined` makes them. */
function insert<Row>(table: string, columns: readonly Column<Row>[], bytes: readonly string[] = []): string {
  const parameter = (place: number, part: number) => `$${columns.length + place * 3 + part}`;
  const slices = bytes.map((column, place) => `substr(${parameter(place, 1)}::bytea, ${column}_from, ${column}_length)`);
  const places = bytes.map((_, place) => `${parameter(place, 2)}::int[], ${parameter(place, 3)}::int[]`);
  const placeNames = bytes.map((column) => `${column}_from, ${column}_length`);
  return `INSERT INTO ${table} (${[...names(columns), ...bytes].join(', ')})
    SELECT ${[...names(columns), ...slices].join(', ')} FROM ${unnest(columns, places, placeNames)}`;
}

/**
 * The bytes of all rows as one value, with where each row's begin and how many they are. An array of them would go as text, at twice
 * the length.
 */
function joined(rows: readonly (Buffer | null)[]): [all: Buffer, from: (number | null)[], lengths: (number | null)[]] {
  let next = 1;
  const from = rows.map((row) => {
    const begin = next;
    next += row?.length ?? 0;
    return row && begin;
  });
  return [Buffer.concat(rows.filter((row) => row !== null)), from, rows.map((row) => row && row.length)];
}

/** Sets every column but `id`, by which the rows are found. */
function update<Row>(table: string, columns: readonly Column<Row>[]): string {
  const changes = names(columns).filter((column) => column !== 'id');
  return `UPDATE ${table} t SET ${changes.map((column) => `${column} = new.${column}`).join(', ')} FROM ${unnest(columns)} WHERE t.id = new.id`;
}

function unnest<Row>(columns: readonly Column<Row>[], moreArrays: readonly string[] = [], moreNames: readonly string[] = []): string {
  const types = columns.map(([, type], index) => `$${index + 1}::${type}[]`);
  return `unnest(${[...types, ...moreArrays].join(', ')}) AS new(${[...names(columns), ...moreNames].join(', ')})`;
}

function arrays<Row>(columns: readonly Column<Row>[], rows: readonly Row[]): unknown[] {
  return columns.map(([, type, field]) =>
    rows.map((row) => (type === 'jsonb' && row[field] !== null ? JSON.stringify(row[field]) : row[field])),
  );
}

function names<Row>(columns: readonly Column<Row>[]): string[] {
  return columns.map(([column]) => column);
}
