import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';

import { GatewayAccountAdded } from '../../contracts/gateway-account-added.js';
import { GatewayAccountChanged } from '../../contracts/gateway-account-changed.js';
import { conflict, notFound } from '../../kernel/domain-error.js';
import { newId, type GatewayAccountId, type MerchantId } from '../../kernel/ids.js';
import type { UnitOfWork } from '../../platform/events/unit-of-work.js';
import { Vault } from '../../platform/secrets/vault.js';
import { neverShow } from '../../platform/secrets/scrub.js';
import type { GatewayName } from '../gateway/gateway.js';
import { SettingProblem, refuseForProduction, type SettingFields } from '../gateway/settings.js';
import { PaymentSettings } from '../payment-settings.js';
import { asRequestProblem, checkFields, type CheckedFields } from './account-fields.js';
import { GatewayAccountEntity } from './gateway-account.entity.js';

export interface NewAccount {
  readonly gateway: GatewayName;
  readonly name: string;
  readonly fields: SettingFields;
  readonly isDefault: boolean;
}

export interface AccountChange {
  readonly name?: string;
  /** Those named replace what was there; the others stay. */
  readonly fields?: SettingFields;
  readonly enabled?: boolean;
  readonly isDefault?: boolean;
}

/** An account as the environment describes it. */
export interface ConfiguredAccount {
  readonly gateway: GatewayName;
  readonly fields: SettingFields;
}

/** What merchants are known by at gateways. Their secrets are sealed before they reach the database. */
@Injectable()
export class GatewayAccounts {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly vault: Vault,
    private readonly settings: PaymentSettings,
  ) {}

  /** Throws the 400 `invalid_request` naming the field, `gateway_account_exists`. */
  async add(work: UnitOfWork, id: GatewayAccountId, merchantId: MerchantId, wanted: NewAccount): Promise<GatewayAccountEntity> {
    return this.insert(work, id, merchantId, wanted, 'api', this.check(wanted.gateway, wanted.fields));
  }

  /** Throws `not_found`, the 400 `invalid_request` naming the field, `illegal_transition`. */
  async change(work: UnitOfWork, id: GatewayAccountId, change: AccountChange): Promise<GatewayAccountEntity> {
    await this.lock(work);
    const account = await work.manager.findOneBy(GatewayAccountEntity, { id });
    if (!account) throw noSuchAccount();
    const checked = change.fields === undefined ? undefined : this.check(account.gateway, { ...this.fieldsOf(account), ...change.fields });
    if (checked && checked.identity !== account.identity) {
      throw conflict('illegal_transition', 'The gateway would know it as another account: add that one, and disable this one.');
    }
    const enabled = change.enabled ?? account.enabled;
    const isDefault = enabled && (change.isDefault ?? account.isDefault);
    if (change.isDefault === true && !enabled)
      throw conflict('illegal_transition', 'An account that is not enabled cannot be the default one.');
    if (change.isDefault === false && account.isDefault)
      throw conflict('illegal_transition', 'Make another account the default one instead.');
    if (isDefault && !account.isDefault) await this.clearDefault(work, account);
    const stored = checked ? this.stored(id, checked) : {};
    return this.update(work, account, { ...stored, name: change.name ?? account.name, enabled, isDefault }, namesIn(change));
  }

  /** Newest first. */
  list(limit: number, before: string | undefined): Promise<GatewayAccountEntity[]> {
    const found = this.accounts.createQueryBuilder('a').orderBy('a.id', 'DESC').limit(limit);
    if (before !== undefined) found.andWhere('a.id < :before', { before });
    return found.getMany();
  }

  async get(id: GatewayAccountId): Promise<GatewayAccountEntity> {
    const account = await this.accounts.findOneBy({ id });
    if (!account) throw noSuchAccount();
    return account;
  }

  /** All of them, as they stand in the database. */
  all(): Promise<GatewayAccountEntity[]> {
    return this.accounts.find({ order: { id: 'ASC' } });
  }

  /** The settings to open the account by. Throws `CannotOpen`, and `SettingProblem` for what production refuses. */
  usableFieldsOf(account: GatewayAccountEntity): SettingFields {
    const fields = this.fieldsOf(account);
    refuseForProduction(fields, this.settings.innerHosts);
    return fields;
  }

  /** The settings with the secrets among them. Throws `CannotOpen`. */
  fieldsOf(account: GatewayAccountEntity): SettingFields {
    const secrets = JSON.parse(this.vault.open(account.secrets, placeOf(account.id)).toString('utf8')) as Record<string, string>;
    for (const secret of Object.values(secrets)) neverShow(secret);
    return { ...account.settings, ...secrets };
  }

  /**
   * Takes over what the environment says: a new account where the gateway would know it by another name, else the one that is
   * there, brought up to date. Throws `SettingProblem`.
   */
  async configure(work: UnitOfWork, merchantId: MerchantId, { gateway, fields }: ConfiguredAccount): Promise<void> {
    await this.lock(work);
    const checked = checkFields(gateway, fields, this.settings.innerHosts);
    const account = await work.manager.findOneBy(GatewayAccountEntity, { gateway, identity: checked.identity });
    if (!account) {
      const wanted = { gateway, name: 'environment', fields, isDefault: true };
      await this.insert(work, newId<'gateway_account'>(), merchantId, wanted, 'environment', checked);
    } else if (account.source === 'environment') {
      if (!this.isAsChecked(account, checked)) await this.update(work, account, this.stored(account.id, checked), namesIn({ fields }));
      await this.preferAmongConfigured(work, account);
    }
    // From before there were accounts: what was started then was started at the one that the environment described.
    await work.query(
      `UPDATE payment_attempts SET account_id = (SELECT id FROM gateway_accounts WHERE gateway = $1 AND identity = $2)
        WHERE account_id IS NULL AND gateway = $1`,
      [gateway, checked.identity],
    );
    await work.query(
      `UPDATE refunds r SET account_id = a.account_id FROM payment_attempts a WHERE a.id = r.attempt_id AND r.account_id IS NULL AND a.gateway = $1`,
      [gateway],
    );
  }

  /** What a former key sealed is sealed with the present one, so that the former one can be dropped. Throws `CannotOpen`. */
  async reseal(work: UnitOfWork): Promise<void> {
    await this.lock(work);
    const former = (await this.all()).filter(({ secrets }) => !this.vault.isCurrent(secrets));
    const sealed = former.map(({ id, secrets }) => this.vault.seal(this.vault.open(secrets, placeOf(id)), placeOf(id)));
    await work.query(
      'UPDATE gateway_accounts a SET secrets = t.secrets FROM unnest($1::uuid[], $2::bytea[]) AS t(id, secrets) WHERE a.id = t.id',
      [former.map(({ id }) => id), sealed],
    );
  }

  private get accounts() {
    return this.dataSource.getRepository(GatewayAccountEntity);
  }

  private check(gateway: GatewayName, fields: SettingFields): CheckedFields {
    try {
      return checkFields(gateway, fields, this.settings.innerHosts);
    } catch (error) {
      throw error instanceof SettingProblem ? asRequestProblem(error) : error;
    }
  }

  private async insert(
    work: UnitOfWork,
    id: GatewayAccountId,
    merchantId: MerchantId,
    wanted: NewAccount,
    source: 'environment' | 'api',
    checked: CheckedFields,
  ): Promise<GatewayAccountEntity> {
    await this.lock(work);
    const { gateway, name } = wanted;
    if (await work.manager.existsBy(GatewayAccountEntity, { gateway, identity: checked.identity })) {
      throw conflict('gateway_account_exists', `There is an account of ${gateway} already that is known there as ${checked.identity}.`);
    }
    const isDefault = wanted.isDefault || !(await work.manager.existsBy(GatewayAccountEntity, { merchantId, gateway, isDefault: true }));
    if (isDefault) await this.clearDefault(work, { merchantId, gateway });
    const account: GatewayAccountEntity = {
      ...{ id, merchantId, gateway, name, source, isDefault, enabled: true, version: 1, createdAt: work.now, updatedAt: work.now },
      ...this.stored(id, checked),
    };
    await work.manager.insert(GatewayAccountEntity, account);
    work.publish(new GatewayAccountAdded({ merchantId, orderId: null, accountId: id, gateway, identity: checked.identity }));
    return account;
  }

  private async update(
    work: UnitOfWork,
    account: GatewayAccountEntity,
    change: Partial<GatewayAccountEntity>,
    named: readonly string[],
  ): Promise<GatewayAccountEntity> {
    const { merchantId, gateway } = account;
    const changed = { ...change, version: account.version + 1, updatedAt: work.now };
    await work.manager.update(GatewayAccountEntity, { id: account.id }, changed);
    work.publish(new GatewayAccountChanged({ merchantId, orderId: null, accountId: account.id, gateway, changed: named }));
    return { ...account, ...changed };
  }

  private stored(id: GatewayAccountId, { identity, shown, secret }: CheckedFields) {
    return { identity, settings: shown, secrets: this.vault.seal(Buffer.from(JSON.stringify(secret)), placeOf(id)) };
  }

  /** Sealing the same thing twice gives different bytes, so what was sealed is opened to compare. */
  private isAsChecked(account: GatewayAccountEntity, { shown, secret }: CheckedFields): boolean {
    const there = Object.entries(this.fieldsOf(account)).sort();
    return JSON.stringify(there) === JSON.stringify(Object.entries({ ...shown, ...secret }).sort());
  }

  /** Of the accounts that the environment set up, the one that it says now is the default one. What the API made so stays. */
  private async preferAmongConfigured(work: UnitOfWork, account: GatewayAccountEntity): Promise<void> {
    const { id, merchantId, gateway, enabled } = account;
    const usual = await work.manager.findOneBy(GatewayAccountEntity, { merchantId, gateway, isDefault: true });
    if (!enabled || usual?.id === id || usual?.source === 'api') return;
    await this.clearDefault(work, account);
    await work.query('UPDATE gateway_accounts SET is_default = true, version = version + 1 WHERE id = $1', [id]);
  }

  private async clearDefault(work: UnitOfWork, { merchantId, gateway }: { merchantId: MerchantId; gateway: GatewayName }): Promise<void> {
    await work.query(
      'UPDATE gateway_accounts SET is_default = false, version = version + 1 WHERE merchant_id = $1 AND gateway = $2 AND is_default',
      [merchantId, gateway],
    );
  }

  /** Changes of accounts are rare, and come one after the other. */
  private async lock(work: UnitOfWork): Promise<void> {
    await work.query('SELECT pg_advisory_xact_lock($1)', [ACCOUNTS_LOCK]);
  }
}

/** Unlike those of the migrations and of the first merchant. */
const ACCOUNTS_LOCK = 20_260_103;

/** What a change names, for the log: never what it sets. */
function namesIn({ fields = {}, ...rest }: AccountChange): string[] {
  return [...Object.keys(rest), ...Object.keys(fields).map((name) => `settings.${name}`)];
}

const noSuchAccount = () => notFound('not_found', 'There is no gateway account with this id.');

function placeOf(id: GatewayAccountId): string {
  return `gateway_accounts/${id}`;
}
