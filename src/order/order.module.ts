import { Module, type DynamicModule } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';

import { CloseOrders } from './close-orders.js';
import { FollowMoney } from './follow-money.js';
import { FulfilOrders } from './fulfil-orders.js';
import { OrderController } from './order.controller.js';
import { OrderEntity, OrderLineEntity, ShipmentEntity } from './order.entity.js';
import { OrderQueries } from './order-queries.js';
import { OrderSettings } from './order-settings.js';
import { OrderStore } from './order.store.js';
import { OrderSweeps } from './order-sweeps.js';
import { PlaceOrders } from './place-orders.js';
import { TimelineController } from './timeline.controller.js';

@Module({})
export class OrderModule {
  static forRoot(settings: OrderSettings): DynamicModule {
    return {
      module: OrderModule,
      imports: [TypeOrmModule.forFeature([OrderEntity, OrderLineEntity, ShipmentEntity])],
      controllers: [OrderController, TimelineController],
      providers: [
        { provide: OrderSettings, useValue: settings },
        OrderStore,
        OrderQueries,
        PlaceOrders,
        CloseOrders,
        FulfilOrders,
        FollowMoney,
        OrderSweeps,
      ],
    };
  }
}
