import { Module, type DynamicModule } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';

import { Vault } from '../platform/secrets/vault.js';
import { GatewayAccountController } from './accounts/gateway-account.controller.js';
import { GatewayAccountEntity } from './accounts/gateway-account.entity.js';
import { GatewayAccounts } from './accounts/gateway-accounts.js';
import { ApplyNotices } from './apply-notices.js';
import { AskGateways } from './ask-gateways.js';
import { CallbackController } from './callback.controller.js';
import { CallbackEntity } from './callback.entity.js';
import { ChangeAttempts } from './change-attempts.js';
import { Discrepancies } from './discrepancies/discrepancies.js';
import { DiscrepancyController } from './discrepancies/discrepancy.controller.js';
import { DiscrepancyEntity } from './discrepancies/discrepancy.entity.js';
import { AccountFigures } from './gateway/account-figures.js';
import { GatewayOptions, Gateways } from './gateway/gateways.js';
import type { ClientOptions } from './gateway/http-client.js';
import type { InnerHosts } from './gateway/settings.js';
import { PaymentController } from './payment.controller.js';
import { AttemptEntity, PaymentEntity, RefundEntity } from './payment.entity.js';
import { PaymentFigures } from './payment-figures.js';
import { PaymentSettings } from './payment-settings.js';
import { PaymentStore } from './payment.store.js';
import { ReceiveCallbacks } from './receive-callbacks.js';
import { RefundController } from './refund.controller.js';
import { RequestRefunds } from './request-refunds.js';
import { SendRefunds } from './send-refunds.js';
import { SettleAttempts } from './settle-attempts.js';
import { StartPayments } from './start-payments.js';

export interface PaymentOptions {
  /** The origin that gateways call back. */
  readonly publicUrl: string;
  /** Hosts within one's own network that may be called: any, but in production those that are named. */
  readonly innerHosts?: InnerHosts;
  /** What gateway accounts and callbacks are sealed with: the present key, and the former one while it is still needed. */
  readonly secretsKeys: readonly [Buffer, ...Buffer[]];
  readonly client?: Partial<ClientOptions>;
}

@Module({})
export class PaymentModule {
  static forRoot({ publicUrl, innerHosts = 'any', secretsKeys, client = {} }: PaymentOptions): DynamicModule {
    return {
      module: PaymentModule,
      imports: [
        TypeOrmModule.forFeature([PaymentEntity, AttemptEntity, RefundEntity, CallbackEntity, GatewayAccountEntity, DiscrepancyEntity]),
      ],
      controllers: [PaymentController, RefundController, CallbackController, DiscrepancyController, GatewayAccountController],
      providers: [
        { provide: PaymentSettings, useValue: new PaymentSettings(publicUrl, innerHosts) },
        { provide: Vault, useValue: new Vault(secretsKeys) },
        { provide: GatewayOptions, useValue: new GatewayOptions({ innerHosts, ...client }) },
        GatewayAccounts,
        AccountFigures,
        Gateways,
        PaymentFigures,
        PaymentStore,
        StartPayments,
        SettleAttempts,
        RequestRefunds,
        SendRefunds,
        AskGateways,
        ChangeAttempts,
        ReceiveCallbacks,
        ApplyNotices,
        Discrepancies,
      ],
    };
  }
}
