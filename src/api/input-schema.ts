/**
 * The schema of each input of the API, one for each kind. What a field means stands at its type; here stands what it may hold.
 * Each is built at its first use: to build all of them takes 9 ms of CPU, and `segmentd list` needs one.
 */
import { z } from 'zod';
import type { ForgetOptions } from '../audit/forget.ts';
import type { VerifyOptions } from '../audit/verify.ts';
import type { Endpoint } from '../base/option.ts';
import type { UninstallOptions } from '../capture/uninstall.ts';
import type { ApplyOptions } from '../definition/apply.ts';
import type { ExplainOptions } from '../explain/explanation.ts';
import type { ScheduleInput } from '../export/schedule.ts';
import type { FeedOptions } from '../feed/feed.ts';
import type { GuardLimits } from '../lifecycle/guard.ts';
import type { UntilLiveOptions } from '../lifecycle/until-live.ts';
import type { OverrideOptions, OverridePage } from '../override/override.ts';
import type { PreviewOptions } from '../preview/preview.ts';
import type { PublishOptions } from '../publication/publish.ts';
import type { ExpectedOptions } from '../segment/expected-version.ts';
import type { CreateOptions, SegmentInput } from '../segment/create-segment.ts';
import type { EditOptions, SegmentChange } from '../segment/edit-segment.ts';
import type { WorkerOptions } from '../worker/worker-setting.ts';
import * as is from './input.ts';
import type { ExportOptions, MemberPage, SegmentdOptions, WaitOptions, WriteOptions } from './call-option.ts';

const segmentFields = () => ({
  condition: is.anything,
  name: is.text,
  description: is.text,
  timezone: is.text,
  tags: is.texts,
  kind: is.oneOf(['dynamic', 'static', 'snapshot']),
});
const GUARD = is.input<GuardLimits>(() => ({ percent: is.percent, members: is.count }), ['percent', 'members']);
const PORT = { error: 'must be a port from 0 to 65535' };
const ENDPOINT = is.input<Endpoint>(
  () => ({ host: is.text, port: z.int(PORT).min(0, PORT).max(65_535, PORT) }),
  ['host', 'port'],
);
const fileOrConfig = () =>
  z.union([z.string(), z.record(z.string(), z.unknown())], {
    error: 'must be the path of a file, or an object',
  });
const destination = () =>
  z.union(
    [
      z.strictObject({
        stream: z.custom<object>((value) => typeof value === 'object' && value !== null && 'write' in value),
      }),
      z.strictObject({ file: is.text.min(1) }),
      z.strictObject({ folder: is.text.min(1) }),
    ],
    { error: 'is one of { stream }, { file } and { folder }' },
  );

export const NEW_SEGMENT = is.input<SegmentInput>(() => ({ ...segmentFields(), key: is.text, of: is.text }), ['key']);
export const SEGMENT_EDIT = is.input<SegmentChange>(segmentFields);
export const CONDITION_SOURCE = is.input<{ key: string; condition: unknown; timezone: string }>(() => ({
  key: is.text,
  condition: is.anything,
  timezone: is.text,
}));
export const WRITE = is.input<WriteOptions>(() => ({ client: is.client }));
export const CREATE = is.input<WriteOptions & CreateOptions>(() => ({ client: is.client, reuse: is.flag }));
export const EDIT = is.input<WriteOptions & EditOptions>(() => ({
  client: is.client,
  confirm: is.flag,
  expectedVersion: is.count,
}));
export const EXPECTED = is.input<WriteOptions & ExpectedOptions>(() => ({
  client: is.client,
  expectedVersion: is.count,
}));
export const SEARCH = is.input<{ search: string }>(() => ({ search: is.text }));
export const UNTIL_LIVE = is.input<UntilLiveOptions>(() => ({
  timeout: is.milliseconds,
  signal: is.signal,
  standing: is.flag,
  first: is.flag,
  onProgress: is.callback,
}));
export const PREVIEW = is.input<PreviewOptions>(() => ({
  timeout: is.milliseconds,
  sample: is.count,
  signal: is.signal,
}));
export const EXPLAIN = is.input<ExplainOptions>(() => ({ days: is.count }));
export const OVERRIDE = is.input<WriteOptions & OverrideOptions>(() => ({
  client: is.client,
  note: is.text,
  until: is.text,
}));
export const OVERRIDE_PAGE = is.input<OverridePage>(() => ({ limit: is.count, after: is.text }));
export const MEMBER_PAGE = is.input<MemberPage>(() => ({ limit: is.count, after: is.text }));
/** All members are a limit too. */
export const MEMBER_PAGES = is.input<MemberPage>(() => ({
  limit: z.union([is.count, z.literal(Infinity)], { error: 'must be a whole number from 0' }),
  after: is.text,
}));
export const HISTORY = is.input<{ days: number }>(() => ({ days: is.count }));
export const EXPORT = is.input<ExportOptions>(
  () => ({
    to: destination(),
    format: is.text,
    columns: is.texts,
    gzip: is.flag,
    delta: is.text,
    passing: is.flag,
    restart: is.flag,
    formulas: is.flag,
    consistent: is.flag,
    signal: is.signal,
    onProgress: is.callback,
    fresh: is.milliseconds,
    onLate: is.callback,
  }),
  ['to'],
);
export const SCHEDULE = is.input<ScheduleInput>(
  () => ({
    key: is.text,
    cron: is.text,
    timezone: is.text,
    format: is.text,
    columns: is.texts,
    gzip: is.flag,
    folder: is.text,
    delta: is.text,
    passing: is.flag,
    formulas: is.flag,
    consistent: is.flag,
    fresh: is.flag,
  }),
  ['key', 'cron'],
);
export const RUNS = is.input<{ schedule: number; limit: number }>(() => ({ schedule: is.count, limit: is.count }));
export const UNTIL_RUN = is.input<{ timeout: number; signal: AbortSignal }>(() => ({
  timeout: is.milliseconds,
  signal: is.signal,
}));
const PLACE = is.input<{ snapshot: string; asOf: string }>(
  () => ({ snapshot: is.text, asOf: is.text }),
  ['snapshot', 'asOf'],
);
export const FEED = is.input<FeedOptions>(
  () => ({
    consumer: is.text,
    segments: is.texts,
    from: z.union([z.enum(['now', 'start']), PLACE.schema()], {
      error: 'is one of now, start and the place of a manifest',
    }),
    restart: is.flag,
    follow: is.flag,
    signal: is.signal,
    pageSize: is.positive,
    pollInterval: is.milliseconds,
  }),
  ['consumer'],
);
export const APPLY = is.input<ApplyOptions>(() => ({
  dryRun: is.flag,
  prune: is.flag,
  yes: is.flag,
  reuse: is.flag,
  overwrite: is.flag,
  ifPlan: is.text,
}));
export const PULL = is.input<{ prune: boolean }>(() => ({ prune: is.flag }));
export const INTROSPECT = is.input<{ contacts: string }>(() => ({ contacts: is.text }));
export const MIGRATE = is.input<{ published: boolean }>(() => ({ published: is.flag }));
export const INSTALL = is.input<PublishOptions>(() => ({
  print: is.flag,
  indexes: is.flag,
  notify: is.flag,
  slow: is.flag,
  patience: is.milliseconds,
  dryRun: is.flag,
  yes: is.flag,
  guard: GUARD.schema(),
  timeout: is.milliseconds,
  signal: is.signal,
}));
export const UNINSTALL = is.input<UninstallOptions>(() => ({
  purge: is.flag,
  print: is.flag,
  patience: is.milliseconds,
}));
export const WAIT = is.input<WaitOptions>(() => ({
  key: is.text,
  timeout: is.milliseconds,
  standing: is.flag,
  acceptLate: is.flag,
}));
export const VERIFY = is.input<Omit<VerifyOptions, 'patience'>>(() => ({
  key: is.text,
  repair: is.flag,
  onProgress: is.callback,
  onUnfit: is.callback,
}));
export const FORGET = is.input<ForgetOptions>(() => ({ timeout: is.milliseconds }));
export const SEGMENTD = is.input<SegmentdOptions>(() => ({
  databaseUrl: is.text,
  pool: is.pool,
  poolSize: is.positive,
  applicationName: is.text,
  redisUrl: is.text,
  config: fileOrConfig(),
  configName: is.text,
  log: is.log,
  onConfigDiffers: is.callback,
}));
const workerFields = () => ({
  log: is.log,
  batchSize: is.positive,
  pollInterval: is.milliseconds,
  rebuildConnections: is.positive,
  auditPeriod: is.milliseconds,
  guard: GUARD.schema(),
  eventMonths: is.count,
  exportFolder: is.text,
  http: ENDPOINT.schema(),
});
export const WORKER = is.input<WorkerOptions>(
  () => ({ ...workerFields(), databaseUrl: is.text, redisUrl: is.text, onPublication: is.callback }),
  ['databaseUrl'],
);
/** Of `segmentd.worker()`, which has the servers already. */
export const OWN_WORKER = is.input<Omit<WorkerOptions, 'databaseUrl' | 'redisUrl' | 'onPublication'>>(workerFields);
