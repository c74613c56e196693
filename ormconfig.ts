import 'reflect-metadata';
import { DataSource } from 'typeorm';

import { ConfigError, loadConfig, loadEnvFile } from './src/config.js';
import { migrations } from './src/migrations/index.js';
import { dataSourceOptions } from './src/platform/database/data-source.js';

loadEnvFile();
const { databaseUrl } = loadConfig();
if (databaseUrl === undefined) throw new ConfigError('DATABASE_URL', 'is missing: the typeorm command needs a database to work on');

/** For the typeorm command: `npm run typeorm -- migration:run`, `migration:revert`, `migration:show`. */
export default new DataSource({ ...dataSourceOptions({ url: databaseUrl }), migrations });
