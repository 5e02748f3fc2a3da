-- What each table and column of segmentd holds, for readers of the schema in a client. The first group is the public
-- contract.
comment on schema segmentd is 'Segments of contacts and their members, kept up to date by segmentd: what callers and analysts use.';
comment on schema segmentd_internal is 'What only segmentd uses. Each version may change it.';
comment on domain segmentd.contact_key is 'Key of a contact, of the type of the contacts table.';
comment on domain segmentd_internal.captured_key is 'Key of a contact in the functions of capture.';

comment on table segmentd.segment is 'The segments, one row each. Insert, update and delete here work like the command line.';
comment on column segmentd.segment.id is 'Number of the segment in membership and events.';
comment on column segmentd.segment.key is 'Name for programs: unique, and never changed.';
comment on column segmentd.segment.name is 'Name for people.';
comment on column segmentd.segment.description is 'What the segment is for.';
comment on column segmentd.segment.kind is 'dynamic: members follow the condition; static: members are added and removed one by one; snapshot: built once.';
comment on column segmentd.segment.condition is 'The condition of the wanted version: which contacts are members.';
comment on column segmentd.segment.timezone is 'IANA zone in which calendar operators are read; the catalogue''s when null.';
comment on column segmentd.segment.tags is 'Free labels.';
comment on column segmentd.segment.wanted_state is 'Requested state: live, paused, archived or deleted.';
comment on column segmentd.segment.state is 'Present state; the worker writes it.';
comment on column segmentd.segment.version is 'Number of the wanted version; rises with condition, zone and kind.';
comment on column segmentd.segment.live_version is 'Version that the members come from; the worker writes it.';
comment on column segmentd.segment.error is 'Why the wanted version cannot go live or cannot follow; the worker writes it.';
comment on column segmentd.segment.frozen_at is 'Since when the members no longer follow the data; the worker writes it.';
comment on column segmentd.segment.confirmed_version is 'Version that a person confirmed although it moves many members. Write the number of a held version here to let it through.';
comment on column segmentd.segment.validated_under is 'Hash of the catalogue under which a version was rejected or failed; the worker writes it.';
comment on column segmentd.segment.retry_at is 'Earliest instant of the next retry of a failed segment; the worker writes it.';
comment on column segmentd.segment.retries is 'Number of retries since it failed; the worker writes it.';
comment on column segmentd.segment.deleted_at is 'When it was deleted; the worker writes it.';
comment on column segmentd.segment.created_at is 'When it was created.';
comment on column segmentd.segment.updated_at is 'When it was last edited.';
comment on column segmentd.segment.updated_by is 'Role that edited it last.';
comment on column segmentd.segment.updated_actor is 'Person who wrote it last, where known.';

comment on table segmentd.segment_version is 'Every version of every segment.';
comment on column segmentd.segment_version.segment_id is 'The segment.';
comment on column segmentd.segment_version.version is 'Number of the version.';
comment on column segmentd.segment_version.kind is 'Its kind: dynamic, static or snapshot.';
comment on column segmentd.segment_version.condition is 'Its condition.';
comment on column segmentd.segment_version.timezone is 'Its zone.';
comment on column segmentd.segment_version.state is 'proposed, accepted, held (moves many and waits to be confirmed), invalid or superseded.';
comment on column segmentd.segment_version.error is 'Why the version is invalid.';
comment on column segmentd.segment_version.sentence is 'The condition in English; null until the version is validated.';
comment on column segmentd.segment_version.reads is 'Fields and relations that the condition reads, such as country, orders and orders.total; null until the version is validated.';
comment on column segmentd.segment_version.reads_segments is 'Keys of the segments that the condition reads; null until the version is validated.';
comment on column segmentd.segment_version.applied is 'Whether segmentd apply created the version from a file.';
comment on column segmentd.segment_version.fingerprint is 'Hashes of the parts of the catalogue under which its members were built.';
comment on column segmentd.segment_version.created_at is 'When the version was first requested.';
comment on column segmentd.segment_version.created_by is 'Role that requested the version.';
comment on column segmentd.segment_version.actor is 'Person who requested the version, where known.';

comment on table segmentd.override is 'Overrides: contacts that a person added to, included in or excluded from a segment. Insert and delete here work like the command line.';
comment on column segmentd.override.segment_id is 'The segment.';
comment on column segmentd.override.contact_id is 'Key of the contact. The override is removed when the contact is deleted.';
comment on column segmentd.override.kind is 'member (of a static segment or a snapshot), include or exclude (over the condition of a dynamic one).';
comment on column segmentd.override.note is 'Why the person made the override.';
comment on column segmentd.override.created_by is 'Role that wrote the override last.';
comment on column segmentd.override.actor is 'Person who wrote the override last, where known.';
comment on column segmentd.override.created_at is 'When it was written last.';
comment on column segmentd.override.expires_at is 'When the worker removes the override; null: never.';

comment on table segmentd.membership is 'The present members of every segment.';
comment on column segmentd.membership.segment_id is 'The segment.';
comment on column segmentd.membership.contact_id is 'Key of the contact.';
comment on column segmentd.membership.entered_at is 'Instant of the evaluation by which the contact entered.';

comment on table segmentd.membership_event is 'One row each time a contact entered or left a segment.';
comment on column segmentd.membership_event.id is 'Number of the event. It is not the order of commits, so read new events with a snapshot cursor.';
comment on column segmentd.membership_event.segment_id is 'The segment.';
comment on column segmentd.membership_event.contact_id is 'Key of the contact.';
comment on column segmentd.membership_event.kind is 'entered or left.';
comment on column segmentd.membership_event.reason is 'Why it moved: contact, related, time, edit, segment, manual (an override), delete or repair.';
comment on column segmentd.membership_event.version is 'Version of the condition that was evaluated.';
comment on column segmentd.membership_event.source is 'Number in segmentd_internal.source of the table whose row changed; null when it is not one table, or not known.';
comment on column segmentd.membership_event.mask is 'Bits (segmentd_internal.source_column) of the columns that changed; null when all of them may have, when a window ran out, or when it is not known.';
comment on column segmentd.membership_event.at is 'Instant of the evaluation, not of the commit that caused it.';
comment on column segmentd.membership_event.xid is 'Transaction that wrote it.';

comment on table segmentd_internal.membership_event_rest is 'Events of months that have no partition of their own.';

comment on table segmentd_internal.installation is 'Facts of this installation; one row.';
comment on column segmentd_internal.installation.one is 'Always true.';
comment on column segmentd_internal.installation.key_type is 'Type of the contacts table''s key.';
comment on column segmentd_internal.installation.doorbell is 'Whether writes wake the worker by NOTIFY.';
comment on column segmentd_internal.installation.generation is 'Rises with every change of a segment''s state, version or plan.';
comment on column segmentd_internal.installation.events_since is 'Events before this instant may have been pruned; null while all are kept.';
comment on column segmentd_internal.installation.event_months is 'Whole months for which workers keep events, as the last one said; 0: for ever; null: none has said yet.';
comment on column segmentd_internal.installation.sizes_since is 'Sizes of earlier days are unknown, because events had been pruned when sizes began to be kept; null when all are known.';
comment on column segmentd_internal.installation.fresh_as_of is 'Membership shows changes that committed and windows that ran out before this instant.';
comment on column segmentd_internal.installation.rows_as_of is 'Membership shows changes that committed before this instant.';
comment on column segmentd_internal.installation.time_as_of is 'Membership shows windows that ran out before this instant, except those of edges with their own as_of.';

comment on table segmentd_internal.clock is 'The highest instant that any sweep has used; one row.';
comment on column segmentd_internal.clock.one is 'Always true.';
comment on column segmentd_internal.clock.high is 'No evaluation uses an earlier instant.';

comment on table segmentd_internal.audit is 'Progress of the rolling audit; one row.';
comment on column segmentd_internal.audit.one is 'Always true.';
comment on column segmentd_internal.audit.position is 'Last contact that the present pass compared; null at its start.';
comment on column segmentd_internal.audit.started_at is 'When the present pass began.';
comment on column segmentd_internal.audit.checked is 'Number of contacts that the present pass has compared.';
comment on column segmentd_internal.audit.finished_at is 'When the last complete pass ended.';
comment on column segmentd_internal.audit.total is 'Number of contacts that the last complete pass compared.';
comment on column segmentd_internal.audit.next_at is 'Earliest instant of the next step.';
comment on column segmentd_internal.audit.chunk is 'Number of contacts compared in one step.';
comment on column segmentd_internal.audit.differences is 'Number of differences that all passes found and repaired.';
comment on column segmentd_internal.audit.differed_at is 'When the last difference was found.';
comment on column segmentd_internal.audit.differing is 'Differences that the present pass has found so far, by segment id.';
comment on column segmentd_internal.audit.passed_from is 'When the last complete pass began.';
comment on column segmentd_internal.audit.passed_differing is 'Differences that the last complete pass found, by segment id.';
comment on column segmentd_internal.audit.verified_at is 'When segmentd verify last compared all segments.';
comment on column segmentd_internal.audit.verify_differences is 'Number of differences that segmentd verify then found.';

comment on table segmentd_internal.catalogue is 'The published catalogue: how segmentd reads your tables. The newest row counts; segmentd install writes it.';
comment on column segmentd_internal.catalogue.id is 'Number of the publication; the highest counts.';
comment on column segmentd_internal.catalogue.config is 'The config file without its settings.';
comment on column segmentd_internal.catalogue.published_at is 'When it was published.';
comment on column segmentd_internal.catalogue.published_by is 'Role that published it.';

comment on table segmentd_internal.object_file is 'The repeatable objects that migrate applied.';
comment on column segmentd_internal.object_file.name is 'File of sql/object.';
comment on column segmentd_internal.object_file.hash is 'Hash of its text.';
comment on column segmentd_internal.object_file.applied_at is 'When migrate applied it.';

comment on table segmentd_internal.column_grant is 'Rights to read your tables that install granted or found. A right that is missing later was revoked, and install does not grant it again.';
comment on column segmentd_internal.column_grant.role is 'Role that has the right.';
comment on column segmentd_internal.column_grant.schema_name is 'Schema of the table.';
comment on column segmentd_internal.column_grant.table_name is 'The table; empty for the right to use the schema.';
comment on column segmentd_internal.column_grant.column_name is 'The column; empty for the right to use the schema.';
comment on column segmentd_internal.column_grant.ours is 'Whether install granted it.';
comment on column segmentd_internal.column_grant.granted_at is 'When install granted or found it.';

comment on table segmentd_internal.trouble is 'Work of workers that keeps failing.';
comment on column segmentd_internal.trouble.work is 'The work: drain, sweep, rebuild and the like.';
comment on column segmentd_internal.trouble.sqlstate is 'SQLSTATE of the last failure.';
comment on column segmentd_internal.trouble.since is 'When it began to fail.';
comment on column segmentd_internal.trouble.last_at is 'Time of the last failure. A row that is older than 30 seconds is over.';
comment on column segmentd_internal.trouble.failures is 'Number of failures.';

comment on table segmentd_internal.source is 'Sources of changes: one row for each pair of a table and a link column with capture triggers.';
comment on column segmentd_internal.source.id is 'Number of the source in segmentd_internal.change.';
comment on column segmentd_internal.source.key is 'Table and link column.';
comment on column segmentd_internal.source.schema_name is 'Schema of the table.';
comment on column segmentd_internal.source.table_name is 'The table.';
comment on column segmentd_internal.source.link_column is 'Column that links a row to its contact.';
comment on column segmentd_internal.source.link_type is 'Type of that column.';
comment on column segmentd_internal.source.kind is 'contact: the contacts table; direct: holds the contact''s key; through: leads to another source.';
comment on column segmentd_internal.source.via_source is 'For through: key of the source in the middle.';
comment on column segmentd_internal.source.via_column is 'For through: column of the middle that the link equals.';
comment on column segmentd_internal.source.fingerprint is 'State of the table when its triggers were installed; a difference from it is drift.';
comment on column segmentd_internal.source.installed_at is 'When its triggers were installed; null while they are missing.';

comment on table segmentd_internal.source_column is 'Bit of each column in segmentd_internal.change.mask.';
comment on column segmentd_internal.source_column.source_id is 'The source.';
comment on column segmentd_internal.source_column.column_name is 'The column.';
comment on column segmentd_internal.source_column.bit is 'Its bit. All columns past the 62nd share bit 62.';

comment on table segmentd_internal.change is 'The outbox of the capture triggers: changes that no worker has drained.';
comment on column segmentd_internal.change.shard is 'Shard of the contact (0-63), of the link (64-127), or of the contact whose row crossed an edge of time (128-191).';
comment on column segmentd_internal.change.source is 'The source of the change.';
comment on column segmentd_internal.change.contact_id is 'Key of the contact.';
comment on column segmentd_internal.change.link is 'Value of the link of a row that leads to its contact through another table.';
comment on column segmentd_internal.change.mask is 'Bits of the columns that changed; null: any column may have changed.';
comment on column segmentd_internal.change.edge is 'Edge of time that the row crossed.';
comment on column segmentd_internal.change.xid is 'Transaction that wrote the row.';
comment on column segmentd_internal.change.origin is 'Transaction that first caused the change, when that is another one.';

comment on table segmentd_internal.key_change is 'Changed keys of contacts whose overrides have not followed yet.';
comment on column segmentd_internal.key_change.id is 'Number of the statement that changed them; later statements have higher ones.';
comment on column segmentd_internal.key_change.old_key is 'Key before.';
comment on column segmentd_internal.key_change.new_key is 'Key after.';
comment on column segmentd_internal.key_change.at is 'When the key changed.';

comment on table segmentd_internal.edge is 'Edges of time: moments at which a condition changes its result although no row changes. An edge is a column''s value plus an offset.';
comment on column segmentd_internal.edge.id is 'Number of the edge.';
comment on column segmentd_internal.edge.key is 'The definition as text; equal for equal edges.';
comment on column segmentd_internal.edge.source is 'The source that has its column.';
comment on column segmentd_internal.edge.definition is 'The definition: column, offset and boundary.';
comment on column segmentd_internal.edge.watermark is 'All rows that crossed the edge up to this instant were queued.';
comment on column segmentd_internal.edge.every is 'Milliseconds between two probes when no index makes a probe cheap.';
comment on column segmentd_internal.edge.as_of is 'For an edge that is probed rarely: membership shows crossings before this instant. Null: membership shows those before installation.time_as_of.';

comment on table segmentd_internal.segment_edge is 'The edges of time that each version of a segment needs.';
comment on column segmentd_internal.segment_edge.segment_id is 'The segment.';
comment on column segmentd_internal.segment_edge.version is 'The version.';
comment on column segmentd_internal.segment_edge.edge_id is 'The edge.';

comment on table segmentd_internal.recheck is 'Queued rechecks: pairs of segment and contact to evaluate again.';
comment on column segmentd_internal.recheck.shard is 'Shard of the contact.';
comment on column segmentd_internal.recheck.segment_id is 'The segment.';
comment on column segmentd_internal.recheck.contact_id is 'Key of the contact.';
comment on column segmentd_internal.recheck.reason is 'Reason that a resulting event carries.';
comment on column segmentd_internal.recheck.epoch is 'Epoch of the build for which the row is parked; null when it is not parked.';
comment on column segmentd_internal.recheck.origin is 'Transaction that first caused the recheck.';

comment on table segmentd_internal.rebuild_request is 'Requests to rebuild a segment without a new version.';
comment on column segmentd_internal.rebuild_request.id is 'Number of the request.';
comment on column segmentd_internal.rebuild_request.segment_id is 'The segment.';
comment on column segmentd_internal.rebuild_request.reason is 'Reason that the resulting events carry.';
comment on column segmentd_internal.rebuild_request.detail is 'What changed, in words; null when the reason says enough.';
comment on column segmentd_internal.rebuild_request.requested_at is 'When the rebuild was requested.';
comment on column segmentd_internal.rebuild_request.origin is 'Transaction that caused the request.';
comment on column segmentd_internal.rebuild_request.as_of is 'The changes behind the request committed after this instant.';

comment on table segmentd_internal.build is 'The running or the last build of each segment.';
comment on column segmentd_internal.build.segment_id is 'The segment.';
comment on column segmentd_internal.build.epoch is 'Number of the build; it only rises.';
comment on column segmentd_internal.build.version is 'Version that the build makes.';
comment on column segmentd_internal.build.reason is 'Reason that the resulting events carry.';
comment on column segmentd_internal.build.owner is 'The worker that runs the build.';
comment on column segmentd_internal.build.lease_until is 'End of the lease: after it another worker may take the build over.';
comment on column segmentd_internal.build.phase is 'staging, done, cancelled or failed.';
comment on column segmentd_internal.build.done is 'Number of contacts that the build has evaluated.';
comment on column segmentd_internal.build.total is 'Number of contacts that the build evaluates in all.';
comment on column segmentd_internal.build.started_at is 'When the build started.';
comment on column segmentd_internal.build.finished_at is 'When the build ended.';
comment on column segmentd_internal.build.origin is 'Origin of the oldest request that the build took over; null when it took none.';
comment on column segmentd_internal.build.as_of is 'The changes behind the build committed after this instant; null when only an edit or a person''s request caused it.';

comment on table segmentd_internal.stage_chunk is 'Differences that the scan of a build found and that are not flipped yet.';
comment on column segmentd_internal.stage_chunk.segment_id is 'The segment.';
comment on column segmentd_internal.stage_chunk.epoch is 'The build.';
comment on column segmentd_internal.stage_chunk.wanted is 'True: the contacts are to enter; false: they are to leave.';
comment on column segmentd_internal.stage_chunk.size is 'Number of contacts in the row.';
comment on column segmentd_internal.stage_chunk.contacts is 'Keys of the contacts.';

comment on table segmentd_internal.stage is 'Verdicts of a build on contacts that changed during its scan; they overrule the scan.';
comment on column segmentd_internal.stage.segment_id is 'The segment.';
comment on column segmentd_internal.stage.epoch is 'The build.';
comment on column segmentd_internal.stage.round is 'A later round overrules an earlier one.';
comment on column segmentd_internal.stage.contact_id is 'Key of the contact.';
comment on column segmentd_internal.stage.wanted is 'Whether the contact is to be a member.';

comment on table segmentd_internal.member_count is 'Exact number of members for each segment and shard.';
comment on column segmentd_internal.member_count.segment_id is 'The segment.';
comment on column segmentd_internal.member_count.shard is 'Shard of the contacts.';
comment on column segmentd_internal.member_count.members is 'Number of members.';
comment on column segmentd_internal.member_count.day is 'Day (UTC) on which the members last changed.';
comment on column segmentd_internal.member_count.entries is 'How often contacts entered on that day.';
comment on column segmentd_internal.member_count.exits is 'How often contacts left on that day.';

comment on table segmentd_internal.size_day is 'Entries and exits of each segment on earlier days than those in member_count. Rows of one day are added up.';
comment on column segmentd_internal.size_day.segment_id is 'The segment.';
comment on column segmentd_internal.size_day.day is 'Day in UTC.';
comment on column segmentd_internal.size_day.shard is 'Shard of the contacts; -1: of all shards.';
comment on column segmentd_internal.size_day.entries is 'How often contacts entered; negative where forget takes back what another row has.';
comment on column segmentd_internal.size_day.exits is 'How often contacts left.';

comment on table segmentd_internal.worker is 'The running workers.';
comment on column segmentd_internal.worker.id is 'Number of the worker; its log lines carry it.';
comment on column segmentd_internal.worker.host is 'Name of its machine.';
comment on column segmentd_internal.worker.pid is 'Its process.';
comment on column segmentd_internal.worker.version is 'Its version of segmentd.';
comment on column segmentd_internal.worker.queue_kind is 'redis, postgres, or null without a queue.';
comment on column segmentd_internal.worker.queue_place is 'Where its queue is.';
comment on column segmentd_internal.worker.generation is 'segmentd_internal.installation.generation as the worker knew it at its last heartbeat.';
comment on column segmentd_internal.worker.started_at is 'When it started.';
comment on column segmentd_internal.worker.seen_at is 'Time of its last heartbeat. A worker without one for 30 s counts as stopped.';

comment on table segmentd_internal.export_delta is 'Delta exports by name, and how far their files reach.';
comment on column segmentd_internal.export_delta.id is 'Number of the delta.';
comment on column segmentd_internal.export_delta.segment_id is 'The segment.';
comment on column segmentd_internal.export_delta.name is 'Name among the deltas of the segment.';
comment on column segmentd_internal.export_delta.number is 'Number of the last finished file.';
comment on column segmentd_internal.export_delta.snapshot is 'The finished files hold every event that is visible in this snapshot; null before the first file.';
comment on column segmentd_internal.export_delta.as_of is 'Clock when that snapshot was taken.';
comment on column segmentd_internal.export_delta.pending_snapshot is 'The snapshot of the file that is being written. The file is written again until it is finished.';
comment on column segmentd_internal.export_delta.pending is 'The segment as it was in that snapshot.';
comment on column segmentd_internal.export_delta.manifest is 'What the last finished file holds.';
comment on column segmentd_internal.export_delta.created_at is 'When it was first requested.';

comment on table segmentd_internal.export_change is 'Contacts that entered and left, for the delta files that are being written.';
comment on column segmentd_internal.export_change.delta_id is 'The delta.';
comment on column segmentd_internal.export_change.contact_id is 'Key of the contact.';
comment on column segmentd_internal.export_change.change is 'entered, left, entered_left (was in for a while) or left_entered (was out for a while).';
comment on column segmentd_internal.export_change.at is 'Instant of the last event of the contact.';
comment on column segmentd_internal.export_change.reason is 'Reason of the last event.';
comment on column segmentd_internal.export_change.version is 'Version of the last event.';

comment on table segmentd_internal.schedule is 'Scheduled exports.';
comment on column segmentd_internal.schedule.id is 'Number of the schedule.';
comment on column segmentd_internal.schedule.segment_id is 'The segment.';
comment on column segmentd_internal.schedule.cron is 'The cron expression: minute, hour, day of the month, month, weekday.';
comment on column segmentd_internal.schedule.timezone is 'IANA zone of the expression.';
comment on column segmentd_internal.schedule.format is 'csv, ndjson or parquet.';
comment on column segmentd_internal.schedule.columns is 'Columns of the file; null for the default ones.';
comment on column segmentd_internal.schedule.gzip is 'Whether the file is compressed.';
comment on column segmentd_internal.schedule.folder is 'Folder of the files, below the export folder of the worker.';
comment on column segmentd_internal.schedule.delta is 'Name of the delta to continue; null for the whole membership each time.';
comment on column segmentd_internal.schedule.passing is 'Whether a delta names contacts that both entered and left.';
comment on column segmentd_internal.schedule.formulas is 'Whether texts that look like formulas are left as they are.';
comment on column segmentd_internal.schedule.consistent is 'Whether all columns are read in one snapshot.';
comment on column segmentd_internal.schedule.fresh is 'Whether a run waits until membership shows everything that committed before it.';
comment on column segmentd_internal.schedule.next_at is 'Next run; null until a worker has seen the schedule. Set it to null after a change of the expression.';
comment on column segmentd_internal.schedule.error is 'Why the schedule cannot run.';
comment on column segmentd_internal.schedule.created_at is 'When it was created.';
comment on column segmentd_internal.schedule.created_by is 'Role that created it.';
comment on column segmentd_internal.schedule.actor is 'Person who created it, where known.';

comment on table segmentd_internal.export_run is 'Every export that a person or a schedule requested, and its outcome.';
comment on column segmentd_internal.export_run.id is 'Number of the run.';
comment on column segmentd_internal.export_run.segment_id is 'The segment.';
comment on column segmentd_internal.export_run.schedule_id is 'The schedule that requested it; null when a person did.';
comment on column segmentd_internal.export_run.due_at is 'The instant in the schedule; null when a person requested the export.';
comment on column segmentd_internal.export_run.state is 'waiting, running, done or failed.';
comment on column segmentd_internal.export_run.attempt is 'Number of attempts that began.';
comment on column segmentd_internal.export_run.wait_until is 'Earliest instant of the next attempt.';
comment on column segmentd_internal.export_run.owner is 'The process that runs it.';
comment on column segmentd_internal.export_run.lease_until is 'End of the lease: after it another process may take the export over.';
comment on column segmentd_internal.export_run.file is 'The file, on the machine that wrote it; null for a stream.';
comment on column segmentd_internal.export_run.manifest is 'What the file holds.';
comment on column segmentd_internal.export_run.request is 'What a download asks for; null for every other export.';
comment on column segmentd_internal.export_run.written is 'Rows so far; null before the first.';
comment on column segmentd_internal.export_run.total is 'About how many rows there are.';
comment on column segmentd_internal.export_run.bytes is 'Bytes so far; null before the first.';
comment on column segmentd_internal.export_run.error is 'Why the last attempt failed, in one sentence.';
comment on column segmentd_internal.export_run.requested_at is 'When it was requested.';
comment on column segmentd_internal.export_run.started_at is 'When the last attempt began.';
comment on column segmentd_internal.export_run.finished_at is 'When the last attempt ended.';
comment on column segmentd_internal.export_run.created_by is 'Role that asked for it; null: not known.';
comment on column segmentd_internal.export_run.actor is 'Person who asked for it, where known.';

comment on table segmentd_internal.feed_consumer is 'Consumers of the feed, each with its own cursor.';
comment on column segmentd_internal.feed_consumer.name is 'Name of the reader.';
comment on column segmentd_internal.feed_consumer.snapshot is 'The cursor: every event that is visible in this snapshot was delivered.';
comment on column segmentd_internal.feed_consumer.as_of is 'Clock when that snapshot was taken.';
comment on column segmentd_internal.feed_consumer.window_snapshot is 'End of the window that is being delivered; null between windows.';
comment on column segmentd_internal.feed_consumer.window_as_of is 'Clock when that snapshot was taken.';
comment on column segmentd_internal.feed_consumer.position is 'Number of the last event of the window that was delivered.';
comment on column segmentd_internal.feed_consumer.last_position is 'Number of the last event of the window.';
comment on column segmentd_internal.feed_consumer.created_at is 'When the consumer first read.';
comment on column segmentd_internal.feed_consumer.read_at is 'When the cursor last moved.';

comment on table segmentd_internal.migration is 'The applied migrations of this schema.';
comment on column segmentd_internal.migration.id is 'Number of the row.';
comment on column segmentd_internal.migration.hash is 'Hash of its text.';
comment on column segmentd_internal.migration.created_at is 'When the migration was written, in milliseconds since 1970. Migrations are applied in that order.';

-- A partition that is older than the comments has none: Postgres shows the parent's comments for the parent alone.
do $$
declare
  command text;
begin
  for command in
    select format('comment on column %s.%I is %L', p.inhrelid::regclass, a.attname, col_description(p.inhparent, a.attnum))
    from pg_inherits p
    join pg_attribute a on a.attrelid = p.inhparent and a.attnum > 0 and not a.attisdropped
    join pg_attribute o on o.attrelid = p.inhrelid and o.attname = a.attname
    where p.inhparent = 'segmentd.membership_event'::regclass and col_description(p.inhrelid, o.attnum) is distinct from col_description(p.inhparent, a.attnum)
  loop
    execute command;
  end loop;
end
$$;

comment on table segmentd_internal.api_token is 'Programs that may use the HTTP API. A token is shown once and stored as a hash.';
comment on column segmentd_internal.api_token.name is 'Name of the program.';
comment on column segmentd_internal.api_token.hash is 'SHA-256 of the token, in hexadecimal.';
comment on column segmentd_internal.api_token.role is 'viewer, editor or admin.';
comment on column segmentd_internal.api_token.created_by is 'Role that made it.';
comment on column segmentd_internal.api_token.actor is 'Person who made it, where known.';
comment on column segmentd_internal.api_token.created_at is 'When it was made.';
comment on column segmentd_internal.api_token.expires_at is 'When it ends; null: it has no end.';
comment on column segmentd_internal.api_token.used_at is 'When it was last used, to the minute; null: never.';

comment on table segmentd_internal.web_session is 'Browsers that are signed in.';
comment on column segmentd_internal.web_session.hash is 'SHA-256 of the value of the cookie, in hexadecimal.';
comment on column segmentd_internal.web_session.name is 'Name of the person.';
comment on column segmentd_internal.web_session.role is 'viewer, editor or admin.';
comment on column segmentd_internal.web_session.way is 'How the person signed in: link or oidc.';
comment on column segmentd_internal.web_session.created_at is 'When the person signed in.';
comment on column segmentd_internal.web_session.expires_at is 'When the person has to sign in again.';

comment on table segmentd_internal.page_hint is 'Changes that open pages show, kept for some minutes.';
comment on column segmentd_internal.page_hint.xid is 'Transaction that wrote it.';
comment on column segmentd_internal.page_hint.kind is 'definition, state, override, export or schedule.';
comment on column segmentd_internal.page_hint.segment_id is 'The segment.';
comment on column segmentd_internal.page_hint.at is 'When it was written.';

comment on table segmentd_internal.repeatable_request is 'Requests with an Idempotency-Key, with their answers, for 24 hours.';
comment on column segmentd_internal.repeatable_request.person is 'How the person came in, and the name.';
comment on column segmentd_internal.repeatable_request.key is 'The key that the client chose.';
comment on column segmentd_internal.repeatable_request.hash is 'SHA-256 of method, address and body, in hexadecimal.';
comment on column segmentd_internal.repeatable_request.status is 'Status of the answer; null while the request is under way.';
comment on column segmentd_internal.repeatable_request.headers is 'Headers of the answer.';
comment on column segmentd_internal.repeatable_request.body is 'Body of the answer.';
comment on column segmentd_internal.repeatable_request.lease_until is 'End of the lease of a request that is under way: after it the same request may begin again.';
comment on column segmentd_internal.repeatable_request.created_at is 'When the request came.';

comment on table segmentd_internal.action_log is 'What persons did, over HTTP, by the command line and by SQL. Entries hold keys and no values of rows.';
comment on column segmentd_internal.action_log.id is 'Rises with time.';
comment on column segmentd_internal.action_log.at is 'When it was done.';
comment on column segmentd_internal.action_log.actor is 'The person, where known.';
comment on column segmentd_internal.action_log.database_role is 'Login that did it for the person.';
comment on column segmentd_internal.action_log.way is 'How the person came in: link, oidc, session, token or proxy; else the application name of the session.';
comment on column segmentd_internal.action_log.action is 'What was done, such as segment-edit.';
comment on column segmentd_internal.action_log.segment is 'Key of the segment, as it was then.';
comment on column segmentd_internal.action_log.contact is 'The contact; null also after segmentd forget.';
comment on column segmentd_internal.action_log.detail is 'What else is known, such as the version.';

comment on table segmentd.contact_rank is 'The ranks of each contact.';
comment on column segmentd.contact_rank.contact_id is 'Key of the contact.';
comment on column segmentd.contact_rank.rank is 'Ranks by name, as numbers; a rank that the contact does not have is absent.';

comment on table segmentd_internal.rank is 'State of each rank.';
comment on column segmentd_internal.rank.name is 'Name of the rank in the config.';
comment on column segmentd_internal.rank.definition is 'What the stored values mean, as JSON.';
comment on column segmentd_internal.rank.as_of is 'Instant under which the stored values were computed.';
comment on column segmentd_internal.rank.ms is 'Milliseconds that the last computation took.';
comment on column segmentd_internal.rank.ranked is 'Number of contacts that have the rank.';
comment on column segmentd_internal.rank.moved is 'Number of contacts whose rank the last computation changed.';
comment on column segmentd_internal.rank.next_at is 'When it is computed next.';
comment on column segmentd_internal.rank.asked_at is 'When a caller last asked for a computation.';
comment on column segmentd_internal.rank.asked is 'Number of calls for a computation.';
comment on column segmentd_internal.rank.answered is 'Number of the last call that a computation or a failure answered.';
comment on column segmentd_internal.rank.error is 'Why the last computation failed.';
comment on column segmentd_internal.rank.failed_at is 'When the last computation failed.';
comment on column segmentd_internal.rank.failures is 'Failures since the last success.';
