/**
 * The public API and nothing else: the verbs of the command line as typed methods, and the worker. The command line goes through it.
 * A method that writes takes `{ client }`, a connection on which the caller's transaction is open.
 */
export type { AccessApi } from './api/access-api.ts';
export type { ApiToken, NewApiToken } from './access/api-token.ts';
export type { Action, ReadAction } from './access/action.ts';
export type { ActionEntry, ActionFilter, ReadNote } from './access/action-log.ts';
export type { RoleCheck } from './access/database-role.ts';
export type { Begun, KeptAnswer, RepeatableKey } from './access/repeatable-request.ts';
export { DATABASE_ROLES, type AccessRole, type KnownPerson, type Rights, type SignInWay } from './access/person.ts';
export type { AdminApi, Migrated } from './api/admin-api.ts';
export type {
  ExportOptions,
  MemberPage,
  MemberPageWithColumns,
  SegmentdOptions,
  WaitOptions,
  WriteOptions,
} from './api/call-option.ts';
export type { Fitting } from './api/connection.ts';
export type { ContactApi } from './api/contact-api.ts';
export type { DefinitionApi } from './api/definition-api.ts';
export type { ExportApi } from './api/export-api.ts';
export type { FeedApi } from './api/feed-api.ts';
export type { MemberApi } from './api/member-api.ts';
export type { LookUpOptions, OverrideApi, OverrideCount } from './api/override-api.ts';
export type { RankApi } from './api/rank-api.ts';
export type { ScheduleApi } from './api/schedule-api.ts';
export type { SegmentApi } from './api/segment-api.ts';
export type { WatchApi } from './api/watch-api.ts';
export type { Verification, VerifyOptions } from './audit/verify.ts';
export type { ReaderOptions, ReaderReport } from './capture/reader-grant.ts';
export type { UninstallOptions, UninstallReport } from './capture/uninstall.ts';
export type { GuardLimits } from './lifecycle/guard-limit.ts';
export type { UntilLiveOptions } from './lifecycle/until-live.ts';
export type { MigrationResult } from './postgres/migrate.ts';
export type { Acting } from './postgres/acting-pool.ts';
export type { Pool, Queryable } from './postgres/pool.ts';
export type { Identity } from './worker/registration.ts';
export { createSegmentd, type Segmentd } from './api/segmentd.ts';
export { createWorker } from './api/create-worker.ts';
export type { AsRead, NotedSegment, ReadPreview } from './api/own-words.ts';
export type { ConditionOf, ConditionSource, NewSegment, SegmentEdit } from './api/typed-input.ts';
export type { AuditStatus } from './audit/audit-status.ts';
export type { LockHolder } from './audit/lock-holder.ts';
export type { RunningWorker } from './audit/worker-status.ts';
export { Failure, type FailureCode } from './base/error.ts';
export type { Log } from './base/log.ts';
export type { Catalogue } from './catalogue/catalogue.ts';
export type { Config, ConfigInput } from './catalogue/config.ts';
export type { IndexProgress } from './capture/build-index.ts';
export type { IndexNeed, InvalidIndex } from './capture/index-need.ts';
export type { Introspection, IntrospectOptions } from './catalogue/introspect.ts';
export type { Proposal, ProposedRelation } from './catalogue/proposal.ts';
export type { Vocabulary, VocabularyField, VocabularyRelation, VocabularyValue } from './catalogue/vocabulary.ts';
export type { Omission } from './catalogue/table-link.ts';
export type { ConfigChange } from './catalogue/published-config.ts';
export type { Issue } from './condition/issue.ts';
export type { BuilderNote } from './condition/foreign/foreign-condition.ts';
export { RefusedCondition } from './condition/refused-condition.ts';
export type { ConditionOver, Tables } from './condition/typed.ts';
export type { ExportedTrace, ForgetOptions, Forgotten } from './audit/forget.ts';
export type { Finding } from './audit/finding.ts';
export type { ExpectedOptions, Overtaken } from './segment/expected-version.ts';
export type { Applied, ApplyOptions } from './definition/apply.ts';
export type { Step } from './definition/apply-plan.ts';
export type { Pulled } from './definition/pull.ts';
export type { ExplainedOverride, ExplainedNode, ExplainOptions, Explanation } from './explain/explanation.ts';
export type { Trial, TrialOptions, TrialRow } from './explain/trial.ts';
export type { PrintedStatement, SegmentSql, SqlOptions } from './explain/segment-sql.ts';
export type { ExportColumn } from './export/column-list.ts';
export type { DownloadOptions, DownloadRequest } from './export/download.ts';
export type { ExportPage, ExportRun } from './export/export-list.ts';
export type { Destination } from './export/destination.ts';
export type { FeedStart } from './feed/feed-cursor.ts';
export type { FeedEvent } from './feed/event-window.ts';
export type { FeedRead } from './feed/feed-read.ts';
export type { FeedOptions, FeedPage } from './feed/feed.ts';
export type { ChangeKind, Look, PageChange, WatchCursor } from './feed/page-watch.ts';
export type { FormatName } from './export/format/format.ts';
export type { DeltaManifest, Manifest } from './export/manifest.ts';
export type { MemberRow } from './export/member-row.ts';
export type { AskedRank, RankState } from './rank/rank-state.ts';
export type { Schedule, ScheduleChange, ScheduleInput } from './export/schedule.ts';
export type { ScheduleRun } from './export/scheduled-run.ts';
export type { DayOfSegment } from './membership/size-history.ts';
export type { Overlap } from './membership/overlap.ts';
export type { Backlog } from './membership/backlog.ts';
export type { Member } from './membership/member-page.ts';
export type { SegmentStatus } from './membership/segment-status.ts';
export type { SegmentOfContact } from './membership/segments-of-contact.ts';
export type { Timeliness } from './membership/timeliness.ts';
export type { Trouble } from './postgres/trouble.ts';
export type {
  OutlineOptions,
  OutlinePage,
  OutlinePlace,
  Proof,
  SegmentOrder,
  SegmentOutline,
} from './overview/segment-outline.ts';
export type { FindOptions, FoundContact, FoundContacts, SlowSearch } from './overview/contact-find.ts';
export type { ContactOutline, ContactOverride, ContactSegment } from './overview/contact-outline.ts';
export type { EventCause } from './overview/event-cause.ts';
export type { EventListOptions, EventListPage, EventPlace, ListedEvent } from './overview/event-list.ts';
export type { ListedMember, MemberListOptions, MemberListPage } from './overview/member-list.ts';
export type { Moment, MomentOptions } from './overview/past-moment.ts';
export type { PastMember, PastMemberOptions, PastMemberPage } from './overview/past-member.ts';
export type { ShownOptions, ShownValues } from './overview/shown-column.ts';
export type { NeedCode, SegmentNeed } from './overview/segment-need.ts';
export type { EditGuard, EditPreview, EditPreviewOptions } from './preview/edit-preview.ts';
export type { NamedContact } from './preview/named-contact.ts';
export type { Amount, Basis } from './preview/amount.ts';
export type { Mismatch } from './preview/type-mismatch.ts';
export type { PreviewNode } from './preview/preview-node.ts';
export type { Preview, PreviewMode, PreviewOptions } from './preview/preview.ts';
export type { ConcernedSegment } from './publication/publication-preview.ts';
export type { PublishOptions, PublishReport } from './publication/publish.ts';
export type { RebuildQueueHealth } from './queue/rebuild-queue.ts';
export type { Difference } from './segment/edit-difference.ts';
export type { StaleReference } from './segment/stale-reference.ts';
export type { CreateOptions, SegmentInput } from './segment/create-segment.ts';
export type { EditOptions, SegmentChange } from './segment/edit-segment.ts';
export type { Segment } from './segment/read-segment.ts';
export type { SegmentKind, SegmentState, WantedState } from './lifecycle/state.ts';
export type { Override, Overridden, OverrideOptions, OverridePage, OverrideVerb } from './override/override.ts';
export type { OverriddenByFile } from './override/override-file.ts';
export type { Use, Uses } from './segment/where-used.ts';
export type { Version } from './segment/version-list.ts';
export type { WorkerOptions } from './worker/worker-setting.ts';
export type { Worker } from './worker/worker.ts';
export type { Waited } from './worker/wait.ts';
export type { LateWindow } from './worker/wait-time.ts';
export type { WorkerEmitter, WorkerEvents } from './worker/event.ts';
