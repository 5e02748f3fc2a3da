/**
 * The shape of each input of the API, one for each kind. What a field means stands at its type; here stands what it may hold.
 */
import { CAPTURE_SETTINGS } from '../catalogue/config.ts';
import { ACTIONS, READ_ACTIONS } from '../access/action.ts';
import type { ActionFilter, ReadNote } from '../access/action-log.ts';
import type { RepeatableKey } from '../access/repeatable-request.ts';
import type { NewApiToken } from '../access/api-token.ts';
import { ACCESS_ROLES, SIGN_IN_WAYS, type KnownPerson } from '../access/person.ts';
import type { ForgetOptions } from '../audit/forget.ts';
import type { VerifyOptions } from '../audit/verify.ts';
import { MOST_SESSION_HOURS } from '../base/access-option.ts';
import type { Endpoint } from '../base/option.ts';
import { all, either, listOf, optional, passing } from '../base/value-shape.ts';
import type { ReaderOptions } from '../capture/reader-grant.ts';
import type { UninstallOptions } from '../capture/uninstall.ts';
import type { ApplyOptions } from '../definition/apply.ts';
import type { ExplainOptions } from '../explain/explanation.ts';
import type { SqlOptions } from '../explain/segment-sql.ts';
import type { TrialOptions } from '../explain/trial.ts';
import type { DownloadOptions, DownloadRequest } from '../export/download.ts';
import type { ExportPage } from '../export/export-list.ts';
import type { ScheduleChange, ScheduleInput } from '../export/schedule.ts';
import type { FeedRead } from '../feed/feed-read.ts';
import type { FeedOptions } from '../feed/feed.ts';
import type { WatchCursor } from '../feed/page-watch.ts';
import type { GuardLimits } from '../lifecycle/guard-limit.ts';
import type { UntilLiveOptions } from '../lifecycle/until-live.ts';
import { SEGMENT_KINDS, SEGMENT_STATES } from '../lifecycle/state.ts';
import { REASONS } from '../membership/reason.ts';
import type { FindOptions } from '../overview/contact-find.ts';
import type { EventListOptions, EventPlace } from '../overview/event-list.ts';
import type { MemberListOptions } from '../overview/member-list.ts';
import type { MomentOptions } from '../overview/past-moment.ts';
import type { PastMemberOptions } from '../overview/past-member.ts';
import type { ShownOptions } from '../overview/shown-column.ts';
import type { OutlineOptions, OutlinePlace } from '../overview/segment-outline.ts';
import type { OverrideOptions, OverridePage } from '../override/override.ts';
import type { EditPreviewOptions } from '../preview/edit-preview.ts';
import type { PreviewOptions } from '../preview/preview.ts';
import type { PublishOptions } from '../publication/publish.ts';
import type { AskedRank } from '../rank/rank-state.ts';
import type { ExpectedOptions } from '../segment/expected-version.ts';
import type { CreateOptions, SegmentInput } from '../segment/create-segment.ts';
import type { EditOptions, SegmentChange } from '../segment/edit-segment.ts';
import type { WorkerOptions } from '../worker/worker-setting.ts';
import * as is from './input.ts';
import type {
  ExportOptions,
  MemberPageWithColumns,
  SegmentdOptions,
  WaitOptions,
  WriteOptions,
} from './call-option.ts';

const segmentFields = {
  condition: is.anything,
  name: is.text,
  description: is.text,
  timezone: is.text,
  tags: is.texts,
  kind: is.oneOf(['dynamic', 'static', 'snapshot']),
};
const GUARD = is.input<GuardLimits>({ percent: is.percent, members: is.count }, ['percent', 'members']);
const ENDPOINT = is.input<Endpoint>(
  { host: is.text, port: is.wholeFrom(0, 65_535, 'must be a port from 0 to 65535') },
  ['host', 'port'],
);
const fileOrConfig = either(
  [passing((value) => typeof value === 'string', ''), is.record],
  'must be the path of a file, or an object',
);
const notEmpty = passing((value) => value !== '', 'is empty');
const destination = either(
  [
    is.input<{ stream: object }>({ stream: is.stream }, ['stream']),
    is.input<{ file: string }>({ file: all(is.text, notEmpty) }, ['file']),
    is.input<{ folder: string }>({ folder: all(is.text, notEmpty) }, ['folder']),
  ],
  'is one of { stream }, { file } and { folder }',
);

const ROLE = is.oneOf(ACCESS_ROLES);
const personName = all(is.text, notEmpty);
export const PERSON = is.input<KnownPerson>({ name: personName, role: ROLE }, ['name', 'role']);
export const SIGN_IN_WAY = is.oneOf(SIGN_IN_WAYS);
export const SESSION_HOURS = optional(
  is.wholeFrom(1, MOST_SESSION_HOURS, `must be whole hours from 1 to ${MOST_SESSION_HOURS}`),
);
export const ACTION_FILTER = is.input<ActionFilter>({
  segment: is.text,
  actor: is.text,
  contact: is.text,
  action: is.oneOf(ACTIONS),
  limit: is.positive,
  after: is.text,
});
export const READ_NOTE = is.input<ReadNote>(
  { action: is.oneOf(READ_ACTIONS), segment: is.text, contact: is.text, detail: is.record },
  ['action'],
);
export const REPEATABLE = is.input<RepeatableKey>({ person: is.text, key: is.text }, ['person', 'key']);
export const NEW_TOKEN = is.input<NewApiToken>({ name: personName, role: ROLE, days: is.positive }, ['name', 'role']);

export const NEW_SEGMENT = is.input<SegmentInput>({ ...segmentFields, key: is.text, of: is.text }, ['key']);
export const SEGMENT_EDIT = is.input<SegmentChange>(segmentFields);
export const CONDITION_SOURCE = is.input<{ key: string; condition: unknown; timezone: string }>({
  key: is.text,
  condition: is.anything,
  timezone: is.text,
});
export const WRITE = is.input<WriteOptions>({ client: is.client });
export const CREATE = is.input<WriteOptions & CreateOptions>({ client: is.client, reuse: is.flag });
export const EDIT = is.input<WriteOptions & EditOptions>({
  client: is.client,
  confirm: is.flag,
  expectedVersion: is.count,
});
export const EXPECTED = is.input<WriteOptions & ExpectedOptions>({
  client: is.client,
  expectedVersion: is.count,
});
export const SEARCH = is.input<{ search: string }>({ search: is.text });
const PLACE_IN_LIST = is.input<OutlinePlace>(
  { rank: passing((value) => /^-?\d{1,18}$/.test(String(value)), 'is not a rank'), key: is.text },
  ['rank', 'key'],
);
export const OUTLINE = is.input<OutlineOptions>({
  search: is.text,
  state: is.oneOf(SEGMENT_STATES),
  kind: is.oneOf(SEGMENT_KINDS),
  tag: is.text,
  field: is.text,
  order: is.oneOf(['key', 'needs', 'members', 'edited']),
  limit: is.count,
  after: PLACE_IN_LIST,
});
export const UNTIL_LIVE = is.input<UntilLiveOptions>({
  timeout: is.milliseconds,
  stuckAfter: is.milliseconds,
  unattendedAfter: is.milliseconds,
  signal: is.signal,
  standing: is.flag,
  first: is.flag,
  onProgress: is.callback,
});
const previewFields = {
  mode: is.oneOf(['estimate', 'exact', 'rows']),
  timeout: is.milliseconds,
  sample: is.count,
  signal: is.signal,
};
export const PREVIEW = is.input<PreviewOptions>(previewFields);
export const EDIT_PREVIEW = is.input<EditPreviewOptions>({
  ...previewFields,
  mode: is.oneOf(['estimate', 'exact']),
  guard: GUARD,
});
export const EXPLAIN = is.input<ExplainOptions>({ days: is.count, masked: is.flag });
export const TRIAL = is.input<TrialOptions>({ reveal: is.flag });
export const SQL = is.input<SqlOptions>({ contacts: is.texts });
export const OVERRIDE = is.input<WriteOptions & OverrideOptions>({
  client: is.client,
  note: is.text,
  until: is.text,
});
export const LOOK_UP = is.input<{ by: string | undefined; skipUnknown: boolean }>({
  by: is.optionalText,
  skipUnknown: is.flag,
});
export const OVERRIDE_PAGE = is.input<OverridePage>({ limit: is.count, after: is.text });
export const MEMBER_PAGE = is.input<Partial<MemberPageWithColumns>>({
  limit: is.count,
  after: is.text,
  columns: is.texts,
});
/** All members are a limit too. */
export const MEMBER_PAGES = is.input<Partial<MemberPageWithColumns>>({
  limit: either([is.count, passing((value) => value === Infinity, '')], 'must be a whole number from 0'),
  after: is.text,
  columns: is.texts,
});
const shownFields = { columns: is.texts, reveal: is.flag };
const pageFields = { limit: is.positive, after: is.text };
export const SHOWN = is.input<ShownOptions>(shownFields);
export const FIND = is.input<FindOptions>({ ...shownFields, ...pageFields, find: is.text });
export const MEMBER_LIST = is.input<MemberListOptions>({
  ...shownFields,
  ...pageFields,
  find: is.text,
  reason: is.oneOf(REASONS),
  alsoIn: is.text,
  notIn: is.text,
  from: is.text,
});
export const PAST_MEMBER = is.input<PastMemberOptions>({
  ...shownFields,
  ...pageFields,
  find: is.text,
  change: is.oneOf(['new', 'left']),
});
export const MOMENT = is.input<MomentOptions>({ exact: is.flag });
export const EVENT_LIST = is.input<EventListOptions>({
  ...shownFields,
  limit: is.positive,
  segment: is.text,
  contact: is.text,
  after: is.input<EventPlace>({ at: is.text, contact: is.text, id: is.text }, ['at', 'contact', 'id']),
});
export const HISTORY = is.input<{ days: number }>({ days: is.count });
/** What an export holds, wherever it goes. */
const contentFields = {
  format: is.text,
  columns: is.texts,
  gzip: is.flag,
  delta: is.text,
  passing: is.flag,
  restart: is.flag,
  formulas: is.flag,
  consistent: is.flag,
};
export const EXPORT = is.input<ExportOptions>(
  {
    to: destination,
    ...contentFields,
    signal: is.signal,
    onProgress: is.callback,
    fresh: is.milliseconds,
    onLate: is.callback,
  },
  ['to'],
);
export const DOWNLOAD = is.input<DownloadRequest>(contentFields);
export const DOWNLOAD_READER = is.input<DownloadOptions>({ stream: is.stream, signal: is.signal }, [
  'stream',
  'signal',
]);
export const EXPORT_PAGE = is.input<ExportPage & { readonly key?: string }>({
  key: is.text,
  limit: is.positive,
  after: all(
    is.text,
    passing((value) => /^\d{1,18}$/.test(String(value)), 'is no id of an export'),
  ),
});
const scheduleFields = {
  cron: is.text,
  timezone: is.text,
  format: is.text,
  gzip: is.flag,
  folder: is.text,
  passing: is.flag,
  formulas: is.flag,
  consistent: is.flag,
  fresh: is.flag,
};
export const SCHEDULE = is.input<ScheduleInput>(
  { ...scheduleFields, key: is.text, columns: is.texts, delta: is.text },
  ['key', 'cron'],
);
const none = passing((value) => value === null, '');
export const SCHEDULE_EDIT = is.input<ScheduleChange>({
  ...scheduleFields,
  columns: either([is.texts, none], 'must be a list of texts or null'),
  delta: either([is.text, none], 'must be text or null'),
  paused: is.flag,
});
export const RUNS = is.input<{ schedule: number; limit: number }>({ schedule: is.count, limit: is.count });
export const ASKED_RANKS = listOf(
  is.input<AskedRank>({ name: is.text, call: is.positive }, ['name', 'call']),
  'must be a list of calls, as ranks.compute returns it',
);
export const UNTIL_RUN = is.input<{ timeout: number; signal: AbortSignal }>({
  timeout: is.milliseconds,
  signal: is.signal,
});
const PLACE = is.input<{ snapshot: string; asOf: string }>({ snapshot: is.text, asOf: is.text }, ['snapshot', 'asOf']);
export const FEED = is.input<FeedOptions>(
  {
    consumer: is.text,
    segments: is.texts,
    from: either([is.oneOf(['now', 'start']), PLACE], 'is one of now, start and the place of a manifest'),
    restart: is.flag,
    onNew: is.callback,
    follow: is.flag,
    signal: is.signal,
    pageSize: is.positive,
    pollInterval: is.milliseconds,
  },
  ['consumer'],
);
export const FEED_READ = is.input<FeedRead>(
  {
    consumer: is.text,
    segments: is.texts,
    from: either([is.oneOf(['now', 'start']), PLACE], 'is one of now, start and the place of a manifest'),
    limit: is.positive,
    acknowledge: is.text,
  },
  ['consumer'],
);
const pgSnapshot = passing((value) => /^\d+:\d+:(\d+(,\d+)*)?$/.test(String(value)), 'is no snapshot of Postgres');
export const WATCH_CURSOR = is.input<WatchCursor>(
  { snapshot: all(is.text, pgSnapshot), building: is.record, mark: is.text },
  ['snapshot', 'building', 'mark'],
);
export const APPLY = is.input<ApplyOptions>({
  dryRun: is.flag,
  prune: is.flag,
  yes: is.flag,
  reuse: is.flag,
  overwrite: is.flag,
  ifPlan: is.text,
});
export const PULL = is.input<{ prune: boolean }>({ prune: is.flag });
export const INTROSPECT = is.input<{ contacts: string }>({ contacts: is.text });
export const MIGRATE = is.input<{ published: boolean }>({ published: is.flag });
export const INSTALL = is.input<PublishOptions>({
  print: is.flag,
  indexes: is.flag,
  onIndexProgress: is.callback,
  notify: is.flag,
  slow: is.flag,
  patience: is.milliseconds,
  capture: is.oneOf(CAPTURE_SETTINGS),
  dryRun: is.flag,
  yes: is.flag,
  guard: GUARD,
  timeout: is.milliseconds,
  signal: is.signal,
});
export const UNINSTALL = is.input<UninstallOptions>({
  purge: is.flag,
  print: is.flag,
  patience: is.milliseconds,
});
export const READER = is.input<ReaderOptions>({
  columns: is.oneOf(['contacts', 'all']),
  print: is.flag,
});
export const WAIT = is.input<WaitOptions>({
  key: is.text,
  timeout: is.milliseconds,
  standing: is.flag,
  acceptLate: is.flag,
});
export const VERIFY = is.input<Omit<VerifyOptions, 'patience'>>({
  key: is.text,
  repair: is.flag,
  onProgress: is.callback,
  onUnfit: is.callback,
});
export const FORGET = is.input<ForgetOptions>({ timeout: is.milliseconds });
export const SEGMENTD = is.input<SegmentdOptions>({
  databaseUrl: is.text,
  pool: is.pool,
  poolSize: is.positive,
  applicationName: is.text,
  redisUrl: is.text,
  config: fileOrConfig,
  configName: is.text,
  log: is.log,
  signal: is.signal,
  onConfigDiffers: is.callback,
});
const workerFields = {
  log: is.log,
  batchSize: is.positive,
  pollInterval: is.milliseconds,
  rebuildConnections: is.positive,
  auditPeriod: is.milliseconds,
  guard: GUARD,
  eventMonths: is.count,
  actionDays: is.count,
  exportFolder: is.text,
  http: ENDPOINT,
};
export const WORKER = is.input<WorkerOptions>(
  { ...workerFields, databaseUrl: is.text, redisUrl: is.text, onPublication: is.callback },
  ['databaseUrl'],
);
/** Of `segmentd.worker()`, which has the servers already. */
export const OWN_WORKER = is.input<Omit<WorkerOptions, 'databaseUrl' | 'redisUrl' | 'onPublication'>>(workerFields);
