import type { MigrationInterface, QueryRunner } from 'typeorm';

// Constraints say what must never be. Identities of other modules are plain columns, not foreign keys: the modules keep
// their tables apart, and the unit of work keeps them in step.
const UP = `
CREATE TABLE merchants (
  id uuid PRIMARY KEY,
  name text NOT NULL,
  created_at timestamptz NOT NULL
);

CREATE TABLE api_keys (
  id uuid PRIMARY KEY,
  merchant_id uuid NOT NULL REFERENCES merchants,
  name text NOT NULL,
  hint text NOT NULL,
  secret_hash bytea NOT NULL UNIQUE,
  scopes text[] NOT NULL CHECK (cardinality(scopes) > 0),
  created_at timestamptz NOT NULL,
  revoked_at timestamptz
);
CREATE INDEX api_keys_by_merchant ON api_keys (merchant_id, id DESC);

CREATE TABLE products (
  id uuid PRIMARY KEY,
  merchant_id uuid NOT NULL,
  sku text NOT NULL,
  name text NOT NULL,
  price bigint NOT NULL CHECK (price >= 0),
  currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  UNIQUE (merchant_id, sku)
);
CREATE INDEX products_newest ON products (merchant_id, id DESC);

CREATE TABLE stock_levels (
  merchant_id uuid NOT NULL,
  sku text NOT NULL,
  on_hand bigint NOT NULL,
  reserved bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (merchant_id, sku),
  CONSTRAINT stock_never_oversold CHECK (0 <= reserved AND reserved <= on_hand)
);

CREATE TABLE stock_movements (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  merchant_id uuid NOT NULL,
  sku text NOT NULL,
  kind text NOT NULL CHECK (kind IN ('opened', 'adjusted', 'reserved', 'released', 'shipped', 'returned')),
  on_hand_delta bigint NOT NULL,
  reserved_delta bigint NOT NULL,
  order_id uuid,
  reason text,
  created_at timestamptz NOT NULL
);
CREATE INDEX stock_movements_newest ON stock_movements (merchant_id, sku, seq DESC);

CREATE TABLE reservations (
  order_id uuid NOT NULL,
  sku text NOT NULL,
  merchant_id uuid NOT NULL,
  status text NOT NULL CHECK (status IN ('held', 'committed', 'released')),
  quantity int NOT NULL CHECK (quantity > 0),
  shipped int NOT NULL DEFAULT 0,
  released int NOT NULL DEFAULT 0,
  PRIMARY KEY (order_id, sku),
  CHECK (shipped >= 0 AND released >= 0 AND shipped + released <= quantity),
  CHECK (status <> 'held' OR shipped + released = 0),
  CHECK (status <> 'released' OR shipped + released = quantity)
);

CREATE TABLE orders (
  id uuid PRIMARY KEY,
  merchant_id uuid NOT NULL,
  number text NOT NULL,
  status text NOT NULL CHECK (status IN ('pending_payment', 'closing', 'awaiting_shipment', 'shipped', 'completed', 'cancelled')),
  customer_id text NOT NULL,
  currency text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  items_amount bigint NOT NULL CHECK (items_amount >= 0),
  shipping_fee bigint NOT NULL CHECK (shipping_fee >= 0),
  amount_due bigint NOT NULL CHECK (amount_due > 0),
  amount_paid bigint NOT NULL DEFAULT 0 CHECK (amount_paid >= 0),
  amount_refunded bigint NOT NULL DEFAULT 0 CHECK (amount_refunded >= 0),
  amount_refunding bigint NOT NULL DEFAULT 0 CHECK (amount_refunding >= 0),
  shipping_address jsonb,
  note text,
  metadata jsonb NOT NULL,
  expires_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL,
  paid_at timestamptz,
  shipped_at timestamptz,
  completed_at timestamptz,
  cancelled_at timestamptz,
  cancel_reason text,
  CONSTRAINT order_due_adds_up CHECK (amount_due = items_amount + shipping_fee),
  CONSTRAINT order_refunds_within_paid CHECK (amount_refunded + amount_refunding <= amount_paid),
  CONSTRAINT order_paid_has_its_money CHECK (status NOT IN ('awaiting_shipment', 'shipped', 'completed') OR (amount_paid = amount_due AND paid_at IS NOT NULL)),
  CONSTRAINT order_unpaid_has_none CHECK (status NOT IN ('pending_payment', 'closing') OR (amount_paid = 0 AND paid_at IS NULL)),
  CONSTRAINT order_shipped_at CHECK (status NOT IN ('shipped', 'completed') OR shipped_at IS NOT NULL),
  CONSTRAINT order_completed_at CHECK ((status = 'completed') = (completed_at IS NOT NULL)),
  CONSTRAINT order_cancelled_at CHECK ((status = 'cancelled') = (cancelled_at IS NOT NULL))
);
CREATE INDEX orders_newest ON orders (merchant_id, id DESC);
CREATE INDEX orders_by_status ON orders (merchant_id, status, id DESC);
CREATE INDEX orders_by_customer ON orders (merchant_id, customer_id, id DESC);
CREATE INDEX orders_to_expire ON orders (expires_at) WHERE status = 'pending_payment';
CREATE INDEX orders_to_complete ON orders (shipped_at) WHERE status = 'shipped';

CREATE TABLE order_lines (
  order_id uuid NOT NULL REFERENCES orders,
  line int NOT NULL,
  sku text NOT NULL,
  name text NOT NULL,
  unit_price bigint NOT NULL CHECK (unit_price >= 0),
  quantity int NOT NULL CHECK (quantity > 0),
  amount bigint NOT NULL,
  shipped_quantity int NOT NULL DEFAULT 0,
  cancelled_quantity int NOT NULL DEFAULT 0,
  returned_quantity int NOT NULL DEFAULT 0,
  PRIMARY KEY (order_id, line),
  CONSTRAINT line_amount_adds_up CHECK (amount = unit_price * quantity),
  CONSTRAINT line_units_add_up CHECK (shipped_quantity >= 0 AND cancelled_quantity >= 0 AND shipped_quantity + cancelled_quantity <= quantity),
  CONSTRAINT line_returns_within_shipped CHECK (0 <= returned_quantity AND returned_quantity <= shipped_quantity)
);

CREATE TABLE shipments (
  id uuid PRIMARY KEY,
  order_id uuid NOT NULL REFERENCES orders,
  merchant_id uuid NOT NULL,
  carrier text NOT NULL,
  tracking_number text NOT NULL,
  items jsonb NOT NULL,
  created_at timestamptz NOT NULL
);
CREATE INDEX shipments_by_order ON shipments (order_id, id);

CREATE TABLE payments (
  id uuid PRIMARY KEY,
  order_id uuid NOT NULL UNIQUE,
  order_number text NOT NULL,
  merchant_id uuid NOT NULL,
  status text NOT NULL CHECK (status IN ('requires_payment', 'closing', 'closed', 'succeeded')),
  amount bigint NOT NULL CHECK (amount > 0),
  currency text NOT NULL,
  refunding bigint NOT NULL DEFAULT 0 CHECK (refunding >= 0),
  refunded bigint NOT NULL DEFAULT 0 CHECK (refunded >= 0),
  paid_by_attempt uuid,
  attempts int NOT NULL DEFAULT 0,
  expires_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL,
  CONSTRAINT payment_never_gives_back_more CHECK (refunding + refunded <= amount),
  CONSTRAINT payment_gives_back_only_paid CHECK (status = 'succeeded' OR refunding + refunded = 0),
  CONSTRAINT payment_has_its_attempt CHECK ((status = 'succeeded') = (paid_by_attempt IS NOT NULL))
);

CREATE TABLE payment_attempts (
  id uuid PRIMARY KEY,
  payment_id uuid NOT NULL REFERENCES payments,
  order_id uuid NOT NULL,
  merchant_id uuid NOT NULL,
  number int NOT NULL,
  gateway text NOT NULL,
  method text NOT NULL,
  out_trade_no text NOT NULL UNIQUE,
  status text NOT NULL CHECK (status IN ('created', 'pending', 'unknown', 'succeeded', 'failed', 'closed')),
  amount bigint NOT NULL CHECK (amount > 0),
  currency text NOT NULL,
  return_url text,
  client_ip text,
  open_id text,
  action jsonb,
  gateway_ref text,
  paid_at timestamptz,
  used_as text CHECK (used_as IN ('payment', 'late', 'surplus')),
  failure_reason text,
  asked int NOT NULL DEFAULT 0,
  ask_at timestamptz,
  close_requested boolean NOT NULL DEFAULT false,
  expires_at timestamptz NOT NULL,
  created_at timestamptz NOT NULL,
  UNIQUE (order_id, number),
  CONSTRAINT attempt_paid_is_used CHECK ((status = 'succeeded') = (used_as IS NOT NULL AND paid_at IS NOT NULL AND gateway_ref IS NOT NULL)),
  -- A closed one is asked about once more where its payer could still have opened it.
  CONSTRAINT attempt_unsettled_is_asked CHECK (status = 'closed' OR (status IN ('created', 'pending', 'unknown')) = (ask_at IS NOT NULL))
);
-- One trade at a gateway is one attempt's, and its money counts once.
CREATE UNIQUE INDEX attempts_by_gateway_ref ON payment_attempts (gateway, gateway_ref) WHERE gateway_ref IS NOT NULL;
CREATE UNIQUE INDEX attempts_one_pays ON payment_attempts (payment_id) WHERE used_as = 'payment';
CREATE INDEX attempts_to_ask ON payment_attempts (ask_at) WHERE ask_at IS NOT NULL;

CREATE TABLE refunds (
  id uuid PRIMARY KEY,
  payment_id uuid NOT NULL REFERENCES payments,
  attempt_id uuid NOT NULL REFERENCES payment_attempts,
  order_id uuid NOT NULL,
  merchant_id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('requested', 'cancelled', 'late', 'surplus')),
  status text NOT NULL CHECK (status IN ('requested', 'processing', 'unknown', 'succeeded', 'failed')),
  amount bigint NOT NULL CHECK (amount > 0),
  currency text NOT NULL,
  reason text NOT NULL,
  restock jsonb NOT NULL,
  failure_reason text,
  asked int NOT NULL DEFAULT 0,
  ask_at timestamptz,
  created_at timestamptz NOT NULL,
  refunded_at timestamptz,
  CONSTRAINT refund_unsettled_is_asked CHECK ((status IN ('requested', 'processing', 'unknown')) = (ask_at IS NOT NULL)),
  CONSTRAINT refund_succeeded_at CHECK ((status = 'succeeded') = (refunded_at IS NOT NULL))
);
-- Money that no order can use goes back once.
CREATE UNIQUE INDEX refunds_one_of_unusable_money ON refunds (attempt_id) WHERE kind IN ('late', 'surplus');
CREATE INDEX refunds_by_order ON refunds (order_id, id DESC);
CREATE INDEX refunds_to_ask ON refunds (ask_at) WHERE ask_at IS NOT NULL;

CREATE TABLE callbacks (
  id uuid PRIMARY KEY,
  gateway text NOT NULL,
  topic text NOT NULL,
  merchant_id uuid,
  order_id uuid,
  headers jsonb NOT NULL,
  body bytea NOT NULL,
  verdict text NOT NULL,
  effect text NOT NULL,
  reason text,
  notice_id text,
  out_trade_no text,
  received_at timestamptz NOT NULL
);
CREATE INDEX callbacks_newest ON callbacks (merchant_id, id DESC);
CREATE INDEX callbacks_by_trade ON callbacks (out_trade_no, id DESC) WHERE out_trade_no IS NOT NULL;

CREATE TABLE events (
  seq bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  id uuid NOT NULL,
  type text NOT NULL,
  version int NOT NULL,
  merchant_id uuid NOT NULL,
  order_id uuid,
  facts jsonb NOT NULL,
  correlation_id text NOT NULL,
  causation_id uuid,
  actor text NOT NULL,
  occurred_at timestamptz NOT NULL
);
CREATE INDEX events_of_order ON events (order_id, seq) WHERE order_id IS NOT NULL;

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER events_append_only BEFORE UPDATE OR DELETE ON events FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER stock_movements_append_only BEFORE UPDATE OR DELETE ON stock_movements FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE TABLE idempotency_keys (
  merchant_id uuid NOT NULL,
  key text NOT NULL,
  request_hash text NOT NULL,
  resource_id uuid NOT NULL,
  answer json,
  created_at timestamptz NOT NULL,
  under_way_until timestamptz NOT NULL,
  PRIMARY KEY (merchant_id, key)
);
CREATE INDEX idempotency_keys_oldest ON idempotency_keys (created_at);
`;

const DOWN = `
DROP TABLE idempotency_keys, events, callbacks, refunds, payment_attempts, payments, shipments, order_lines, orders,
  reservations, stock_movements, stock_levels, products, api_keys, merchants;
DROP FUNCTION refuse_change();
`;

export class Init1760000000000 implements MigrationInterface {
  readonly name = 'Init1760000000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(DOWN);
  }
}
