import { Module, type DynamicModule } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';

import { Clock } from '../kernel/clock.js';
import { AskGateways } from './ask-gateways.js';
import { CallbackController } from './callback.controller.js';
import { CallbackEntity } from './callback.entity.js';
import { ChangeAttempts } from './change-attempts.js';
import { AlipayGateway, type AlipaySettings } from './gateway/alipay/alipay.gateway.js';
import { Gateways } from './gateway/gateways.js';
import { PaymentController } from './payment.controller.js';
import { AttemptEntity, PaymentEntity, RefundEntity } from './payment.entity.js';
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
  readonly alipay?: AlipaySettings;
}

@Module({})
export class PaymentModule {
  static forRoot({ publicUrl, alipay }: PaymentOptions): DynamicModule {
    return {
      module: PaymentModule,
      imports: [TypeOrmModule.forFeature([PaymentEntity, AttemptEntity, RefundEntity, CallbackEntity])],
      controllers: [PaymentController, RefundController, CallbackController],
      providers: [
        { provide: PaymentSettings, useValue: new PaymentSettings(publicUrl) },
        {
          provide: Gateways,
          inject: [Clock],
          useFactory: (clock: Clock) => new Gateways(alipay ? [new AlipayGateway(alipay, clock)] : []),
        },
        PaymentStore,
        StartPayments,
        SettleAttempts,
        RequestRefunds,
        SendRefunds,
        AskGateways,
        ChangeAttempts,
        ReceiveCallbacks,
      ],
    };
  }
}
