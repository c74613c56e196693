import { Global, Module, type DynamicModule } from '@nestjs/common';

import { CatalogModule } from './catalog/catalog.module.js';
import { Products } from './catalog/products.js';
import { ApiKeys } from './contracts/api-keys.port.js';
import { KnownMerchants } from './contracts/merchants.port.js';
import { ProductPrices } from './contracts/product-prices.port.js';
import { InventoryModule } from './inventory/inventory.module.js';
import { MerchantModule } from './merchant/merchant.module.js';
import { Merchants } from './merchant/merchants.js';
import { OrderModule } from './order/order.module.js';
import { OrderSettings } from './order/order-settings.js';
import { PaymentModule, type PaymentOptions } from './payment/payment.module.js';
import { PlatformModule, type PlatformOptions } from './platform/platform.module.js';

export interface AppOptions {
  readonly platform: PlatformOptions;
  readonly payment: PaymentOptions;
  readonly autoCompleteAfterDays: number;
}

/** Binds the questions that modules ask one another to those who answer them. */
@Global()
@Module({
  imports: [CatalogModule, MerchantModule],
  providers: [
    { provide: ProductPrices, useExisting: Products },
    { provide: ApiKeys, useExisting: Merchants },
    { provide: KnownMerchants, useExisting: Merchants },
  ],
  exports: [ProductPrices, ApiKeys, KnownMerchants],
})
class PortsModule {}

/** The whole program. The order of the modules is the order in which they hear of an event. */
@Module({})
export class AppModule {
  static forRoot({ platform, payment, autoCompleteAfterDays }: AppOptions): DynamicModule {
    return {
      module: AppModule,
      imports: [
        PlatformModule.forRoot(platform),
        PortsModule,
        CatalogModule,
        MerchantModule,
        OrderModule.forRoot(new OrderSettings(autoCompleteAfterDays)),
        PaymentModule.forRoot(payment),
        InventoryModule,
      ],
    };
  }
}
