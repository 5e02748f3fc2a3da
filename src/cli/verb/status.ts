/** `status [KEY]`: how fresh membership is, what waits, and how each segment stands. */
import type { AuditStatus, Segmentd, SegmentStatus, Timeliness } from '../../index.ts';
import { staleSentence } from '../../segment/stale.ts';
import { plural, snakeKeys, table } from '../output.ts';
import type { Verb } from '../run-cli.ts';

export const status: Verb = (program, run) => {
  program
    .command('status [key]')
    .description('show how fresh membership is and what waits')
    .action(
      run(async (session, key?: string) => {
        const segmentd = session.segmentd();
        const segments = await segmentd.status(key);
        const backlog = await segmentd.backlog();
        const audit = await segmentd.auditStatus();
        const slow = slowFields(await segmentd.timeliness(key));
        const stale = await segmentd.staleReferences(key);
        const queue = await segmentd.queueHealth();
        await session.output.print({ ...backlog, slow, audit: audit && snakeKeys(audit), queue: snakeKeys(queue), stale, segments: segments.map(snakeKeys) }, () =>
          [
            `fresh as of ${backlog.freshAsOf ?? 'never: no worker has run yet'}${backlog.lag === null ? '' : ` (${backlog.lag.toFixed(1)} s ago)`}`,
            `waiting: ${plural(backlog.changes, 'change')}, ${plural(backlog.rechecks, 'recheck')}, ${plural(backlog.rebuilds, 'rebuild')}`,
            `queue: ${queue.backend}, ${queueText(queue)}${queue.lastFailure ? `; last failure: ${queue.lastFailure}` : ''}`,
            ...(backlog.installed ? [] : ['capture: not installed, so nothing is built and no change is seen; run segmentd install']),
            auditText(audit),
            ...slow.map(({ field, every }) => `time: ${field} has no usable index, so people enter and leave by it up to ${Math.ceil(every / 1000)} s late`),
            ...stale.map(staleSentence),
            '',
            statusTable(segments),
          ].join('\n'),
        );
      }),
    );
};

function queueText({ ok, hidden, message = 'not ok' }: Awaited<ReturnType<Segmentd['queueHealth']>>): string {
  if (hidden) return 'this role may not look into it';
  return ok ? 'ok' : message;
}

/** Each field once, with the longest wait. */
function slowFields(rows: readonly Timeliness[]): readonly { readonly field: string; readonly every: number }[] {
  const slow = new Map<string, number>();
  for (const { table: of, column, path, every } of rows) {
    const field = [`${of}.${column}`, ...(path ?? [])].join('.');
    if (every !== null) slow.set(field, Math.max(every, slow.get(field) ?? 0));
  }
  return [...slow].map(([field, every]) => ({ field, every }));
}

function auditText(audit: AuditStatus | null): string {
  if (!audit) return 'audit: not begun';
  const { startedAt, checked, finishedAt, total, differences, differedAt } = audit;
  return [
    finishedAt === null ? 'audit: no full pass yet' : `audit: ${plural(total ?? 0, 'contact')} compared up to ${finishedAt}`,
    ...(startedAt === null ? [] : [`${plural(checked, 'contact')} in the pass since ${startedAt}`]),
    `${plural(differences, 'difference')} repaired${differedAt === null ? '' : `, the last found at ${differedAt}`}`,
  ].join('; ');
}

export function statusTable(segments: readonly SegmentStatus[]): string {
  return table(segments, [
    { title: 'key', value: (row) => row.key },
    { title: 'state', value: (row) => row.state },
    { title: 'members', value: (row) => row.members, right: true },
    { title: 'version', value: (row) => (row.liveVersion === row.version ? row.version : `${row.liveVersion ?? '-'} → ${row.version}`), right: true },
    { title: 'progress', value: (row) => (row.progress === null ? '' : `${Math.floor(row.progress * 100)} %`), right: true },
    { title: 'error', value: (row) => (row.error === null ? '' : JSON.stringify(row.error)) },
  ]);
}
