/** What clients were promised of each address: its success, what it takes in a query, and what in a body (`?` marks what may be absent). */
export interface PromisedOperation {
  readonly operation: string;
  readonly status: number;
  readonly query?: readonly string[];
  readonly body?: readonly string[];
}

const PAGE = ['limit', 'cursor'];

export const API_TABLE: readonly PromisedOperation[] = [
  { operation: 'POST /v1/products', status: 201, body: ['sku', 'name', 'price', 'currency?', 'stock?'] },
  { operation: 'GET /v1/products', status: 200, query: PAGE },
  { operation: 'GET /v1/products/{sku}', status: 200 },
  { operation: 'PATCH /v1/products/{sku}', status: 200, body: ['name?', 'price?'] },
  { operation: 'GET /v1/inventory/{sku}', status: 200 },
  { operation: 'POST /v1/inventory/{sku}/adjustments', status: 201, body: ['delta', 'reason'] },
  { operation: 'GET /v1/inventory/{sku}/movements', status: 200, query: PAGE },
  {
    operation: 'POST /v1/orders',
    status: 201,
    body: ['customerId', 'items', 'shippingFee?', 'shippingAddress?', 'note?', 'metadata?', 'expiresInSeconds?'],
  },
  { operation: 'GET /v1/orders', status: 200, query: [...PAGE, 'status', 'customerId', 'createdFrom', 'createdTo'] },
  { operation: 'GET /v1/orders/{id}', status: 200 },
  { operation: 'POST /v1/orders/{id}/cancel', status: 200, body: ['reason?'] },
  { operation: 'GET /v1/orders/{id}/timeline', status: 200 },
  {
    operation: 'POST /v1/orders/{id}/payments',
    status: 201,
    body: ['gateway', 'method', 'accountId?', 'returnUrl?', 'clientIp?', 'openId?'],
  },
  { operation: 'GET /v1/payments/{id}', status: 200 },
  { operation: 'POST /v1/payments/{id}/sync', status: 200 },
  { operation: 'POST /v1/payments/{id}/close', status: 200 },
  { operation: 'POST /v1/orders/{id}/shipments', status: 201, body: ['carrier', 'trackingNumber', 'items?'] },
  { operation: 'POST /v1/orders/{id}/complete', status: 200 },
  { operation: 'POST /v1/orders/{id}/refunds', status: 201, body: ['amount?', 'reason', 'restock?'] },
  { operation: 'GET /v1/orders/{id}/refunds', status: 200 },
  { operation: 'GET /v1/refunds/{id}', status: 200 },
  { operation: 'POST /v1/callbacks/{gateway}/{topic}', status: 200 },
  { operation: 'GET /v1/callbacks', status: 200, query: [...PAGE, 'verdict', 'outTradeNo'] },
  { operation: 'GET /v1/callbacks/{id}', status: 200 },
  { operation: 'POST /v1/callbacks/{id}/replay', status: 200, query: ['dryRun'] },
  { operation: 'GET /v1/discrepancies', status: 200, query: [...PAGE, 'status', 'kind'] },
  { operation: 'GET /v1/discrepancies/{id}', status: 200 },
  { operation: 'POST /v1/discrepancies/{id}/resolve', status: 200, body: ['resolution', 'closePayment?', 'failRefund?'] },
  { operation: 'POST /v1/admin/gateway-accounts', status: 201, body: ['gateway', 'name', 'settings', 'merchantId?', 'isDefault?'] },
  { operation: 'GET /v1/admin/gateway-accounts', status: 200, query: PAGE },
  { operation: 'GET /v1/admin/gateway-accounts/{id}', status: 200 },
  { operation: 'PATCH /v1/admin/gateway-accounts/{id}', status: 200, body: ['name?', 'settings?', 'enabled?', 'isDefault?'] },
  { operation: 'GET /v1/admin/invariants', status: 200 },
  { operation: 'GET /v1/admin/audit-log', status: 200, query: [...PAGE, 'actor', 'type', 'merchantId', 'from', 'to'] },
  { operation: 'POST /v1/api-keys/{id}/rotate', status: 201, body: ['overlapSeconds?'] },
  { operation: 'GET /health/live', status: 200 },
  { operation: 'GET /health/ready', status: 200 },
  { operation: 'GET /metrics', status: 200 },
];

/** What each answer shows at the least. */
export const PROMISED_MEMBERS: Readonly<Record<string, readonly string[]>> = {
  'GET /v1/inventory/{sku}': ['sku', 'onHand', 'reserved', 'available'],
  'GET /v1/orders/{id}': [
    ...['id', 'number', 'status', 'paymentStatus', 'customerId', 'currency', 'items', 'itemsAmount', 'shippingFee', 'amountDue'],
    ...['amountPaid', 'amountRefunded', 'expiresAt', 'createdAt', 'paidAt', 'shippedAt', 'completedAt', 'cancelledAt', 'cancelReason'],
    'metadata',
  ],
  'POST /v1/orders/{id}/payments': [
    ...['id', 'orderId', 'gateway', 'method', 'outTradeNo', 'status', 'amount', 'currency', 'action', 'expiresAt'],
  ],
  'POST /v1/orders/{id}/refunds': ['id', 'orderId', 'amount', 'currency', 'status'],
  'GET /v1/orders': ['data', 'nextCursor'],
  'GET /v1/admin/invariants': ['holds', 'asOf', 'data'],
};
