/** The options of `createSegmentd`. They are checked once, here, and with them the config. */
import { Failure } from '../base/error.ts';
import { readDatabaseUrl, readRedisUrl } from '../base/url.ts';
import { checkConfig, type Config } from '../catalogue/config.ts';
import { SEGMENTD } from './input-schema.ts';
import { checkInput } from './input.ts';
import type { SegmentdOptions } from './call-option.ts';

/** With the defaults of the config filled in. */
export type CheckedOptions = Omit<SegmentdOptions, 'config'> & { readonly config?: string | Config };

/** @throws {Failure} `usage` with one sentence for each mistake of the config */
export function checkOptions(options: SegmentdOptions): CheckedOptions {
  checkInput(SEGMENTD, options, 'The options of segmentd');
  if (options.databaseUrl === undefined && options.pool === undefined) {
    throw new Failure('usage', 'No database is named: give --database-url or set DATABASE_URL.');
  }
  const { databaseUrl, redisUrl } = options;
  if (databaseUrl !== undefined) readDatabaseUrl(databaseUrl);
  if (redisUrl !== undefined) readRedisUrl(redisUrl);
  const { config, ...rest } = options;
  if (config === undefined) return rest;
  if (typeof config === 'string') return { ...rest, config };
  const checked = checkConfig(config);
  if ('config' in checked) return { ...rest, config: checked.config };
  throw new Failure('usage', `The config: ${checked.mistakes.join(' ')}`, { data: checked.mistakes });
}
