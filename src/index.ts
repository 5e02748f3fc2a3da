/**
 * The public API and nothing else: the verbs of the command line as typed methods (the command line itself goes through
 * it), and the worker. Methods that write take `{ client }`, a connection on which the caller's own transaction is open.
 */
import type { SegmentdOptions } from './api/connection.ts';
import { Output } from './api/output.ts';

export type { SegmentdOptions, WriteOptions } from './api/connection.ts';
export type { ExportOptions } from './api/output.ts';
export type { AuditStatus } from './audit/audit-status.ts';
export type { LockHolder } from './audit/lock-holder.ts';
export type { RunningWorker } from './audit/worker-status.ts';
export { Failure, type FailureCode } from './base/error.ts';
export type { Log } from './base/log.ts';
export type { Catalogue } from './catalogue/catalogue.ts';
export type { Config, ConfigInput } from './catalogue/config.ts';
export type { ConfigChange } from './catalogue/published-config.ts';
export type { Issue } from './condition/issue.ts';
export type { ConditionOver, Tables } from './condition/typed.ts';
export type { ExportedTrace, ForgetOptions, Forgotten } from './audit/forget.ts';
export type { Finding } from './audit/finding.ts';
export type { ExpectedOptions, Overtaken } from './segment/expected.ts';
export type { Applied, ApplyOptions } from './definition/apply.ts';
export type { Step } from './definition/plan.ts';
export type { Pulled } from './definition/pull.ts';
export type { ExplainedOverride, ExplainedNode, ExplainOptions, Explanation } from './explain/explanation.ts';
export type { Destination } from './export/destination.ts';
export type { FeedEvent, FeedOptions, FeedPage } from './feed/feed.ts';
export type { FormatName } from './export/format.ts';
export type { DeltaManifest, Manifest } from './export/manifest.ts';
export type { Schedule, ScheduleInput, ScheduleRun } from './export/schedule.ts';
export type { DayOfSegment } from './membership/history.ts';
export type { Overlap } from './membership/overlap.ts';
export type { Backlog, Member, SegmentOfContact, SegmentStatus, Timeliness } from './membership/read.ts';
export type { Trouble } from './postgres/trouble.ts';
export type { EditPreview } from './preview/edit-preview.ts';
export type { Amount, Basis } from './preview/amount.ts';
export type { Mismatch } from './preview/type-mismatch.ts';
export type { PreviewNode } from './preview/preview-node.ts';
export type { Preview, PreviewOptions } from './preview/preview.ts';
export type { ConcernedSegment } from './publication/preview.ts';
export type { PublishOptions, PublishReport } from './publication/publish.ts';
export type { Difference } from './segment/difference.ts';
export type { StaleReference } from './segment/stale.ts';
export type { CreateOptions, EditOptions, Segment, SegmentChange, SegmentInput } from './segment/store.ts';
export type { SegmentKind, SegmentState, WantedState } from './lifecycle/state.ts';
export type { Override, Overridden, OverrideOptions, OverridePage, OverrideVerb } from './override/override.ts';
export type { OverriddenByFile } from './override/override-file.ts';
export type { Use, Uses } from './segment/use.ts';
export type { Version } from './segment/version-list.ts';
export { createWorker, type Worker, type WorkerOptions } from './worker/worker.ts';
export type { Waited } from './worker/wait.ts';
export type { LateWindow } from './worker/wait-time.ts';
export type { WorkerEmitter, WorkerEvents } from './worker/event.ts';

/** segmentd on one database; opens its connections at first use and ends them with `close` or `await using`. */
export class Segmentd extends Output {}

/**
 * ```ts
 * await using segmentd = createSegmentd({ databaseUrl: process.env.DATABASE_URL, config: './segmentd.yaml' });
 * await segmentd.create({ key: 'spain', condition: { '==': [{ var: 'country' }, 'ES'] } });
 * ```
 */
export function createSegmentd(options: SegmentdOptions): Segmentd {
  return new Segmentd(options);
}
