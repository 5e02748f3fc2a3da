/** The options of `createSegmentd`. They are checked once, here, and with them the config. */
import { Failure } from '../base/error.ts';
import { readConninfo } from '../base/conninfo.ts';
import { namesServer } from '../base/conninfo-keyword.ts';
import { readRedisUrl } from '../base/url.ts';
import { checkConfig } from '../catalogue/check-config.ts';
import type { Config } from '../catalogue/config.ts';
import { completeUrl } from '../postgres/connect/server-setting.ts';
import { SEGMENTD } from './input-schema.ts';
import { checkInput } from './input.ts';
import type { SegmentdOptions } from './call-option.ts';

/** With the defaults of the config filled in. */
export type CheckedOptions = Omit<SegmentdOptions, 'config'> & { readonly config?: string | Config };

/** Without a URL, what psql would connect to. */
function urlOfEnvironment(): string | undefined {
  return namesServer(process.env) ? completeUrl('', process.env) : undefined;
}

/** @throws {Failure} `usage` with one sentence for each mistake of the config */
export function checkOptions(options: SegmentdOptions): CheckedOptions {
  checkInput(SEGMENTD, options, 'The options of segmentd');
  const { redisUrl } = options;
  const databaseUrl = options.databaseUrl || (options.pool ? undefined : urlOfEnvironment());
  if (databaseUrl === undefined && options.pool === undefined) {
    throw new Failure(
      'usage',
      'No database is named: give --database-url, or set DATABASE_URL or PGHOST and PGDATABASE, in the environment or in .env beside the config file.',
    );
  }
  if (databaseUrl !== undefined) readConninfo(databaseUrl);
  if (redisUrl !== undefined) readRedisUrl(redisUrl);
  const { config, ...given } = options;
  const rest = { ...given, databaseUrl };
  if (config === undefined) return rest;
  if (typeof config === 'string') return { ...rest, config };
  const checked = checkConfig(config);
  if ('config' in checked) return { ...rest, config: checked.config };
  throw new Failure('usage', `The config: ${checked.mistakes.join(' ')}`, { data: checked.mistakes });
}
