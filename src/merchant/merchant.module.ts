import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';

import { MerchantController } from './merchant.controller.js';
import { ApiKeyEntity, MerchantEntity } from './merchant.entity.js';
import { Merchants } from './merchants.js';

@Module({
  imports: [TypeOrmModule.forFeature([MerchantEntity, ApiKeyEntity])],
  controllers: [MerchantController],
  providers: [Merchants],
  exports: [Merchants],
})
export class MerchantModule {}
