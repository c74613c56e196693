import type { MigrationInterface, QueryRunner } from 'typeorm';

const UP = `
-- What a merchant is known by at a gateway. \`secrets\` is sealed; the settings beside it are fit to be shown.
CREATE TABLE gateway_accounts (
  id uuid PRIMARY KEY,
  merchant_id uuid NOT NULL,
  gateway text NOT NULL CHECK (gateway IN ('alipay', 'wechatpay', 'unionpay')),
  identity text NOT NULL,
  name text NOT NULL,
  source text NOT NULL CHECK (source IN ('environment', 'api')),
  settings jsonb NOT NULL,
  secrets bytea NOT NULL,
  enabled boolean NOT NULL,
  is_default boolean NOT NULL,
  version int NOT NULL DEFAULT 1,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  UNIQUE (gateway, identity),
  CONSTRAINT default_account_is_enabled CHECK (enabled OR NOT is_default)
);
CREATE INDEX gateway_accounts_by_merchant ON gateway_accounts (merchant_id, id DESC);
CREATE UNIQUE INDEX gateway_accounts_one_default ON gateway_accounts (merchant_id, gateway) WHERE is_default;

-- Null only for attempts from before there were accounts, until the first start that has one.
ALTER TABLE payment_attempts ADD COLUMN account_id uuid REFERENCES gateway_accounts;
DROP INDEX attempts_to_ask;
CREATE INDEX attempts_to_ask ON payment_attempts (gateway, ask_at) WHERE ask_at IS NOT NULL;

-- A number of ours that the gateway refused for good is spent: a retry has the next one.
ALTER TABLE refunds ADD COLUMN tries int NOT NULL DEFAULT 1 CHECK (tries BETWEEN 1 AND 99);
ALTER TABLE refunds ADD COLUMN sent_at timestamptz;
ALTER TABLE refunds ADD COLUMN former_sent_at timestamptz;
ALTER TABLE refunds ADD COLUMN gateway text;
UPDATE refunds r SET gateway = a.gateway, sent_at = CASE WHEN r.status = 'requested' THEN NULL ELSE r.created_at END
  FROM payment_attempts a WHERE a.id = r.attempt_id;
ALTER TABLE refunds ALTER COLUMN gateway SET NOT NULL;
ALTER TABLE refunds ADD COLUMN account_id uuid REFERENCES gateway_accounts;
DROP INDEX refunds_to_ask;
CREATE INDEX refunds_to_ask ON refunds (gateway, ask_at) WHERE ask_at IS NOT NULL;

-- While a process of the former version still runs, it writes rows that say nothing of their account.
CREATE INDEX attempts_without_account ON payment_attempts (gateway) WHERE account_id IS NULL;
CREATE INDEX refunds_without_account ON refunds (gateway) WHERE account_id IS NULL;
CREATE FUNCTION add_account() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_TABLE_NAME = 'payment_attempts' THEN
    -- Its only account was the one in the environment, for every merchant.
    SELECT id INTO NEW.account_id FROM gateway_accounts WHERE gateway = NEW.gateway AND source = 'environment'
     ORDER BY is_default DESC, updated_at DESC LIMIT 1;
  ELSE
    SELECT gateway, account_id INTO NEW.gateway, NEW.account_id FROM payment_attempts WHERE id = NEW.attempt_id;
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER attempts_of_former_version BEFORE INSERT ON payment_attempts FOR EACH ROW WHEN (NEW.account_id IS NULL) EXECUTE FUNCTION add_account();
CREATE TRIGGER refunds_of_former_version BEFORE INSERT ON refunds FOR EACH ROW WHEN (NEW.account_id IS NULL) EXECUTE FUNCTION add_account();

-- \`headers\` and \`body\` are what may be shown; \`sealed\` is what came, to the last byte.
ALTER TABLE callbacks ADD COLUMN sealed bytea;
ALTER TABLE callbacks ADD COLUMN account_id uuid;
ALTER TABLE callbacks ADD COLUMN replay_of uuid;
ALTER TABLE callbacks ADD COLUMN refund_no text;

-- What a gateway says and our books do not, for a person to look at.
CREATE TABLE discrepancies (
  id uuid PRIMARY KEY,
  kind text NOT NULL CHECK (kind IN ('amount_mismatch', 'currency_mismatch', 'wrong_app', 'wrong_merchant', 'refund_mismatch', 'returned_elsewhere')),
  gateway text NOT NULL,
  subject text NOT NULL,
  merchant_id uuid,
  order_id uuid,
  attempt_id uuid,
  refund_id uuid,
  out_trade_no text,
  expected jsonb,
  found jsonb,
  detail text NOT NULL,
  callback_id uuid,
  times int NOT NULL DEFAULT 1,
  opened_at timestamptz NOT NULL,
  last_seen_at timestamptz NOT NULL,
  resolved_at timestamptz,
  resolution text,
  CONSTRAINT discrepancy_resolved_says_how CHECK ((resolved_at IS NULL) = (resolution IS NULL))
);
CREATE UNIQUE INDEX discrepancies_open_once ON discrepancies (gateway, kind, subject) WHERE resolved_at IS NULL;
CREATE INDEX discrepancies_newest ON discrepancies (merchant_id, id DESC);
-- Keys that may read and change payments may look after what goes wrong with them.
UPDATE api_keys SET scopes = scopes || '{callbacks:write}' WHERE scopes @> '{callbacks:read,payments:write}';
UPDATE api_keys SET scopes = scopes || '{discrepancies:read}' WHERE scopes @> '{payments:read}';
UPDATE api_keys SET scopes = scopes || '{discrepancies:write}' WHERE scopes @> '{payments:write}';
CREATE INDEX discrepancies_by_order ON discrepancies (order_id, id DESC) WHERE order_id IS NOT NULL;
`;

const DOWN = `
UPDATE api_keys SET scopes = array_remove(array_remove(array_remove(scopes, 'callbacks:write'), 'discrepancies:read'), 'discrepancies:write')
 WHERE scopes && '{callbacks:write,discrepancies:read,discrepancies:write}' AND NOT scopes <@ '{callbacks:write,discrepancies:read,discrepancies:write}';
DROP TABLE discrepancies;
ALTER TABLE callbacks DROP COLUMN sealed, DROP COLUMN account_id, DROP COLUMN replay_of, DROP COLUMN refund_no;
DROP TRIGGER attempts_of_former_version ON payment_attempts;
DROP TRIGGER refunds_of_former_version ON refunds;
DROP FUNCTION add_account();
DROP INDEX refunds_to_ask;
ALTER TABLE refunds DROP COLUMN tries, DROP COLUMN sent_at, DROP COLUMN former_sent_at, DROP COLUMN gateway, DROP COLUMN account_id;
CREATE INDEX refunds_to_ask ON refunds (ask_at) WHERE ask_at IS NOT NULL;
DROP INDEX attempts_to_ask;
ALTER TABLE payment_attempts DROP COLUMN account_id;
CREATE INDEX attempts_to_ask ON payment_attempts (ask_at) WHERE ask_at IS NOT NULL;
DROP TABLE gateway_accounts;
`;

export class GatewayAccounts1763800000000 implements MigrationInterface {
  readonly name = 'GatewayAccounts1763800000000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(UP);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(DOWN);
  }
}
