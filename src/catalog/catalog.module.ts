import { Module } from '@nestjs/common';
import { TypeOrmModule } from '@nestjs/typeorm';

import { ProductController } from './product.controller.js';
import { ProductEntity } from './product.entity.js';
import { Products } from './products.js';

@Module({
  imports: [TypeOrmModule.forFeature([ProductEntity])],
  controllers: [ProductController],
  providers: [Products],
  exports: [Products],
})
export class CatalogModule {}
