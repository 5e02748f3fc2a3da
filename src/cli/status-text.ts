/** `status` for people: freshness, what waits, who works, and a table of segments. */
import { lockSentence } from '../audit/lock-holder.ts';
import { isHeard, SILENT_WORKER } from '../audit/worker-status.ts';
import { spanText } from '../base/span.ts';
import type {
  AuditStatus,
  Backlog,
  LockHolder,
  RankState,
  RebuildQueueHealth,
  RunningWorker,
  SegmentStatus,
  StaleReference,
  Timeliness,
  Trouble,
} from '../index.ts';
import { troubleSentence } from '../postgres/trouble.ts';
import { staleSentence } from '../segment/stale-reference.ts';
import { rankLines } from './rank-text.ts';
import { plural } from './printed-output.ts';
import { errorSentence } from './stored-error.ts';
import { table, type Line } from './table.ts';

/** Seconds between rows and time that are worth a line. */
const APART_S = 3;

interface Status {
  readonly segments: readonly SegmentStatus[];
  readonly backlog: Backlog;
  readonly audit: AuditStatus | null;
  readonly slow: readonly SlowField[];
  readonly stale: readonly StaleReference[];
  readonly queue: RebuildQueueHealth;
  readonly workers: readonly RunningWorker[];
  readonly lockHolders: readonly LockHolder[];
  readonly troubles: readonly Trouble[];
  readonly ranks: readonly RankState[];
}

export function statusText({
  segments,
  backlog,
  audit,
  slow,
  stale,
  queue,
  workers,
  lockHolders,
  troubles,
  ranks,
}: Status): readonly Line[] {
  return [
    ...(backlog.standby ? ['this server is a standby: all of this is as of what it has replayed'] : []),
    `fresh as of ${asOfText(backlog.freshAsOf, backlog.lag) ?? 'never: no worker has run yet'}`,
    ...apartText(backlog),
    `waiting: ${plural(backlog.changes, 'change')}, ${plural(backlog.rechecks, 'recheck')}, ${plural(backlog.rebuilds, 'rebuild')}`,
    ...workerLines(workers),
    ...lockHolders.map(lockSentence),
    `queue: ${queue.backend}, ${queueText(queue)}${queue.lastFailure ? `; last failure: ${queue.lastFailure}` : ''}`,
    ...(backlog.installed
      ? []
      : ['capture: not installed, so nothing is built and no change is seen; run segmentd install']),
    ...troubles.map((trouble) => `trouble: ${troubleSentence(trouble)}`),
    auditText(audit),
    ...rankLines(ranks),
    ...slow.map(slowSentence),
    ...stale.map(staleSentence),
    '',
    ...statusTable(segments),
  ];
}

function slowSentence({ field, every, asOf }: SlowField): string {
  return `time: ${field} has no usable index, so people enter and leave by it up to ${Math.ceil(every / 1000)} s late${asOf === null ? '' : `; as of ${asOf}`}`;
}

function asOfText(asOf: string | null, lag: number | null): string | undefined {
  return asOf === null || lag === null ? undefined : `${asOf} (${agoText(lag)})`;
}

/** A clock that was set back by less than a second is no news. */
function agoText(lag: number): string {
  return lag < -1
    ? `${spanText(-lag)} in the future: the server's clock was set back`
    : `${Math.max(0, lag).toFixed(1)} s ago`;
}

/** Rows and time, where they are not one. */
function apartText({ lag, rowsAsOf, rowsLag, timeAsOf, timeLag }: Backlog): readonly string[] {
  const rows = asOfText(rowsAsOf, rowsLag);
  if (
    rows === undefined ||
    (lag !== null && Math.max(Math.abs(lag - (rowsLag ?? lag)), Math.abs(lag - (timeLag ?? lag))) < APART_S)
  )
    return [];
  return [
    `changes as of ${rows}; windows as of ${asOfText(timeAsOf, timeLag) ?? 'no instant yet'}, those on fields without a usable index apart`,
  ];
}

function workerLines(workers: readonly RunningWorker[]): readonly string[] {
  if (workers.length === 0) return ['workers: none is running; run segmentd run'];
  return [
    ...workers.map(
      ({ id, host, pid, version, startedAt, silentFor }) =>
        `worker: ${host} process ${pid}, version ${version}, since ${startedAt}, last seen ${Math.round(silentFor)} s ago (${id})`,
    ),
    ...(workers.some(isHeard) ? [] : [`workers: none was seen in the last ${SILENT_WORKER} s; run segmentd run`]),
  ];
}

function queueText({ ok, hidden, elsewhere, message = 'not ok' }: RebuildQueueHealth): string {
  if (elsewhere) return message;
  if (hidden) return 'this role may not look into it';
  return ok ? 'ok' : message;
}

export interface SlowField {
  readonly field: string;
  readonly every: number;
  readonly asOf: string | null;
}

/** Each field once, with the longest wait and the earliest instant. */
export function slowFields(rows: readonly Timeliness[]): readonly SlowField[] {
  const slow = new Map<string, SlowField>();
  for (const { table: of, column, path, every, asOf } of rows) {
    const field = [`${of}.${column}`, ...(path ?? [])].join('.');
    if (every === null) continue;
    const known = slow.get(field);
    const asOfs = [known?.asOf, asOf].filter((one) => typeof one === 'string').toSorted();
    slow.set(field, { field, every: Math.max(every, known?.every ?? 0), asOf: asOfs[0] ?? null });
  }
  return [...slow.values()];
}

function auditText(audit: AuditStatus | null): string {
  if (!audit) return 'audit: not begun';
  const { startedAt, checked, finishedAt, total, differences, differedAt } = audit;
  return [
    finishedAt === null
      ? 'audit: no full pass yet'
      : `audit: ${plural(total ?? 0, 'contact')} compared up to ${finishedAt}`,
    ...(startedAt === null ? [] : [`${plural(checked, 'contact')} in the pass since ${startedAt}`]),
    `${plural(differences, 'difference')} repaired${differedAt === null ? '' : `, the last found at ${differedAt}`}`,
  ].join('; ');
}

export function statusTable(segments: readonly SegmentStatus[]): readonly Line[] {
  return table(segments, [
    { title: 'key', value: (row) => row.key },
    { title: 'state', value: (row) => row.state },
    { title: 'members', value: (row) => row.members, right: true },
    {
      title: 'version',
      value: (row) => (row.liveVersion === row.version ? row.version : `${row.liveVersion ?? '-'} → ${row.version}`),
      right: true,
    },
    {
      title: 'progress',
      value: (row) => (row.progress === null ? '' : `${Math.floor(row.progress * 100)} %`),
      right: true,
    },
    { title: 'owed', value: (row) => row.owed.join('; ') },
    { title: 'error', value: (row) => errorSentence(row.error) },
  ]);
}
