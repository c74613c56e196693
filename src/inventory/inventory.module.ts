import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';

import { InventoryController } from './inventory.controller.js';
import { Inventory } from './inventory.js';
import { StockLevelEntity, StockMovementEntity } from './stock.entity.js';
import { StockStore } from './stock.store.js';

@Module({
  imports: [TypeOrmModule.forFeature([StockLevelEntity, StockMovementEntity])],
  controllers: [InventoryController],
  providers: [Inventory, StockStore],
})
export class InventoryModule {}
