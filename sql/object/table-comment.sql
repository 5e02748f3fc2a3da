-- What each table and column of segmentd holds, for readers of the schema in a client. The first group is the public
-- contract.
comment on schema segmentd is 'Segments of contacts and their members, kept up to date by segmentd.';
comment on domain segmentd.contact_key is 'Key of a contact, of the type of the contacts table.';

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

comment on table segmentd.segment_version is 'Every version of every segment.';
comment on column segmentd.segment_version.segment_id is 'The segment.';
comment on column segmentd.segment_version.version is 'Number of the version.';
comment on column segmentd.segment_version.kind is 'Its kind: dynamic, static or snapshot.';
comment on column segmentd.segment_version.condition is 'Its condition.';
comment on column segmentd.segment_version.timezone is 'Its zone.';
comment on column segmentd.segment_version.state is 'proposed, accepted, held (moves many and waits to be confirmed), invalid or superseded.';
comment on column segmentd.segment_version.error is 'Why the version is invalid.';
comment on column segmentd.segment_version.applied is 'Whether segmentd apply created the version from a file.';
comment on column segmentd.segment_version.fingerprint is 'Hashes of the parts of the catalogue under which its members were built.';
comment on column segmentd.segment_version.created_at is 'When the version was first requested.';
comment on column segmentd.segment_version.created_by is 'Role that requested the version.';

comment on table segmentd.override is 'Overrides: contacts that a person added to, included in or excluded from a segment. Insert and delete here work like the command line.';
comment on column segmentd.override.segment_id is 'The segment.';
comment on column segmentd.override.contact_id is 'Key of the contact. The override is removed when the contact is deleted.';
comment on column segmentd.override.kind is 'member (of a static segment or a snapshot), include or exclude (over the condition of a dynamic one).';
comment on column segmentd.override.note is 'Why the person made the override.';
comment on column segmentd.override.created_by is 'Role that wrote the override last.';
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
comment on column segmentd.membership_event.at is 'Instant of the evaluation, not of the commit that caused it.';
comment on column segmentd.membership_event.xid is 'Transaction that wrote it.';

comment on table segmentd.membership_event_rest is 'Events of months that have no partition of their own.';

comment on table segmentd.installation is 'Facts of this installation; one row.';
comment on column segmentd.installation.one is 'Always true.';
comment on column segmentd.installation.key_type is 'Type of the contacts table''s key.';
comment on column segmentd.installation.doorbell is 'Whether writes wake the worker by NOTIFY.';
comment on column segmentd.installation.generation is 'Rises with every change of a segment''s state, version or plan.';
comment on column segmentd.installation.events_since is 'Events before this instant may have been pruned; null while all are kept.';
comment on column segmentd.installation.fresh_as_of is 'Membership shows changes that committed and windows that ran out before this instant.';
comment on column segmentd.installation.rows_as_of is 'Membership shows changes that committed before this instant.';
comment on column segmentd.installation.time_as_of is 'Membership shows windows that ran out before this instant, except those of edges with their own as_of.';

comment on table segmentd.clock is 'The highest instant that any sweep has used; one row.';
comment on column segmentd.clock.one is 'Always true.';
comment on column segmentd.clock.high is 'No evaluation uses an earlier instant.';

comment on table segmentd.audit is 'Progress of the rolling audit; one row.';
comment on column segmentd.audit.one is 'Always true.';
comment on column segmentd.audit.position is 'Last contact that the present pass compared; null at its start.';
comment on column segmentd.audit.started_at is 'When the present pass began.';
comment on column segmentd.audit.checked is 'Number of contacts that the present pass has compared.';
comment on column segmentd.audit.finished_at is 'When the last complete pass ended.';
comment on column segmentd.audit.total is 'Number of contacts that the last complete pass compared.';
comment on column segmentd.audit.next_at is 'Earliest instant of the next step.';
comment on column segmentd.audit.chunk is 'Number of contacts compared in one step.';
comment on column segmentd.audit.differences is 'Number of differences that all passes found and repaired.';
comment on column segmentd.audit.differed_at is 'When the last difference was found.';
comment on column segmentd.audit.verified_at is 'When segmentd verify last compared all segments.';
comment on column segmentd.audit.verify_differences is 'Number of differences that segmentd verify then found.';

comment on table segmentd.catalogue is 'The published catalogue: how segmentd reads your tables. The newest row counts; segmentd install writes it.';
comment on column segmentd.catalogue.id is 'Number of the publication; the highest counts.';
comment on column segmentd.catalogue.config is 'The config file without its settings.';
comment on column segmentd.catalogue.published_at is 'When it was published.';
comment on column segmentd.catalogue.published_by is 'Role that published it.';

comment on table segmentd.object_file is 'The repeatable objects that migrate applied.';
comment on column segmentd.object_file.name is 'File of sql/object.';
comment on column segmentd.object_file.hash is 'Hash of its text.';
comment on column segmentd.object_file.applied_at is 'When migrate applied it.';

comment on table segmentd.column_grant is 'Rights to read your tables that install granted or found. A right that is missing later was revoked, and install does not grant it again.';
comment on column segmentd.column_grant.role is 'Role that has the right.';
comment on column segmentd.column_grant.schema_name is 'Schema of the table.';
comment on column segmentd.column_grant.table_name is 'The table; empty for the right to use the schema.';
comment on column segmentd.column_grant.column_name is 'The column; empty for the right to use the schema.';
comment on column segmentd.column_grant.ours is 'Whether install granted it.';
comment on column segmentd.column_grant.granted_at is 'When install granted or found it.';

comment on table segmentd.trouble is 'Work of workers that keeps failing.';
comment on column segmentd.trouble.work is 'The work: drain, sweep, rebuild and the like.';
comment on column segmentd.trouble.sqlstate is 'SQLSTATE of the last failure.';
comment on column segmentd.trouble.since is 'When it began to fail.';
comment on column segmentd.trouble.last_at is 'Time of the last failure. A row that is older than 30 seconds is over.';
comment on column segmentd.trouble.failures is 'Number of failures.';

comment on table segmentd.source is 'Sources of changes: one row for each pair of a table and a link column with capture triggers.';
comment on column segmentd.source.id is 'Number of the source in segmentd.change.';
comment on column segmentd.source.key is 'Table and link column.';
comment on column segmentd.source.schema_name is 'Schema of the table.';
comment on column segmentd.source.table_name is 'The table.';
comment on column segmentd.source.link_column is 'Column that links a row to its contact.';
comment on column segmentd.source.link_type is 'Type of that column.';
comment on column segmentd.source.kind is 'contact: the contacts table; direct: holds the contact''s key; through: leads to another source.';
comment on column segmentd.source.via_source is 'For through: key of the source in the middle.';
comment on column segmentd.source.via_column is 'For through: column of the middle that the link equals.';
comment on column segmentd.source.fingerprint is 'State of the table when its triggers were installed; a difference from it is drift.';
comment on column segmentd.source.installed_at is 'When its triggers were installed; null while they are missing.';

comment on table segmentd.source_column is 'Bit of each column in segmentd.change.mask.';
comment on column segmentd.source_column.source_id is 'The source.';
comment on column segmentd.source_column.column_name is 'The column.';
comment on column segmentd.source_column.bit is 'Its bit. All columns past the 62nd share bit 62.';

comment on table segmentd.change is 'The outbox of the capture triggers: changes that no worker has drained.';
comment on column segmentd.change.shard is 'Shard of the contact (0-63), of the link (64-127), or of the contact whose row crossed an edge of time (128-191).';
comment on column segmentd.change.source is 'The source of the change.';
comment on column segmentd.change.contact_id is 'Key of the contact.';
comment on column segmentd.change.link is 'Value of the link of a row that leads to its contact through another table.';
comment on column segmentd.change.mask is 'Bits of the columns that changed; null: any column may have changed.';
comment on column segmentd.change.edge is 'Edge of time that the row crossed.';
comment on column segmentd.change.xid is 'Transaction that wrote the row.';
comment on column segmentd.change.origin is 'Transaction that first caused the change, when that is another one.';

comment on table segmentd.key_change is 'Changed keys of contacts whose overrides have not followed yet.';
comment on column segmentd.key_change.id is 'Number of the statement that changed them; later statements have higher ones.';
comment on column segmentd.key_change.old_key is 'Key before.';
comment on column segmentd.key_change.new_key is 'Key after.';
comment on column segmentd.key_change.at is 'When the key changed.';

comment on table segmentd.edge is 'Edges of time: moments at which a condition changes its result although no row changes. An edge is a column''s value plus an offset.';
comment on column segmentd.edge.id is 'Number of the edge.';
comment on column segmentd.edge.key is 'The definition as text; equal for equal edges.';
comment on column segmentd.edge.source is 'The source that has its column.';
comment on column segmentd.edge.definition is 'The definition: column, offset and boundary.';
comment on column segmentd.edge.watermark is 'All rows that crossed the edge up to this instant were queued.';
comment on column segmentd.edge.every is 'Milliseconds between two probes when no index makes a probe cheap.';
comment on column segmentd.edge.as_of is 'For an edge that is probed rarely: membership shows crossings before this instant. Null: membership shows those before installation.time_as_of.';

comment on table segmentd.segment_edge is 'The edges of time that each version of a segment needs.';
comment on column segmentd.segment_edge.segment_id is 'The segment.';
comment on column segmentd.segment_edge.version is 'The version.';
comment on column segmentd.segment_edge.edge_id is 'The edge.';

comment on table segmentd.recheck is 'Queued rechecks: pairs of segment and contact to evaluate again.';
comment on column segmentd.recheck.shard is 'Shard of the contact.';
comment on column segmentd.recheck.segment_id is 'The segment.';
comment on column segmentd.recheck.contact_id is 'Key of the contact.';
comment on column segmentd.recheck.reason is 'Reason that a resulting event carries.';
comment on column segmentd.recheck.epoch is 'Epoch of the build for which the row is parked; null when it is not parked.';
comment on column segmentd.recheck.origin is 'Transaction that first caused the recheck.';

comment on table segmentd.rebuild_request is 'Requests to rebuild a segment without a new version.';
comment on column segmentd.rebuild_request.id is 'Number of the request.';
comment on column segmentd.rebuild_request.segment_id is 'The segment.';
comment on column segmentd.rebuild_request.reason is 'Reason that the resulting events carry.';
comment on column segmentd.rebuild_request.detail is 'What changed, in words; null when the reason says enough.';
comment on column segmentd.rebuild_request.requested_at is 'When the rebuild was requested.';
comment on column segmentd.rebuild_request.origin is 'Transaction that caused the request.';
comment on column segmentd.rebuild_request.as_of is 'The changes behind the request committed after this instant.';

comment on table segmentd.build is 'The running or the last build of each segment.';
comment on column segmentd.build.segment_id is 'The segment.';
comment on column segmentd.build.epoch is 'Number of the build; it only rises.';
comment on column segmentd.build.version is 'Version that the build makes.';
comment on column segmentd.build.reason is 'Reason that the resulting events carry.';
comment on column segmentd.build.owner is 'The worker that runs the build.';
comment on column segmentd.build.lease_until is 'End of the lease: after it another worker may take the build over.';
comment on column segmentd.build.phase is 'staging, done, cancelled or failed.';
comment on column segmentd.build.done is 'Number of contacts that the build has evaluated.';
comment on column segmentd.build.total is 'Number of contacts that the build evaluates in all.';
comment on column segmentd.build.started_at is 'When the build started.';
comment on column segmentd.build.finished_at is 'When the build ended.';
comment on column segmentd.build.origin is 'Origin of the oldest request that the build took over; null when it took none.';
comment on column segmentd.build.as_of is 'The changes behind the build committed after this instant; null when only an edit or a person''s request caused it.';

comment on table segmentd.stage_chunk is 'Differences that the scan of a build found and that are not flipped yet.';
comment on column segmentd.stage_chunk.segment_id is 'The segment.';
comment on column segmentd.stage_chunk.epoch is 'The build.';
comment on column segmentd.stage_chunk.wanted is 'True: the contacts are to enter; false: they are to leave.';
comment on column segmentd.stage_chunk.size is 'Number of contacts in the row.';
comment on column segmentd.stage_chunk.contacts is 'Keys of the contacts.';

comment on table segmentd.stage is 'Verdicts of a build on contacts that changed during its scan; they overrule the scan.';
comment on column segmentd.stage.segment_id is 'The segment.';
comment on column segmentd.stage.epoch is 'The build.';
comment on column segmentd.stage.round is 'A later round overrules an earlier one.';
comment on column segmentd.stage.contact_id is 'Key of the contact.';
comment on column segmentd.stage.wanted is 'Whether the contact is to be a member.';

comment on table segmentd.member_count is 'Exact number of members for each segment and shard.';
comment on column segmentd.member_count.segment_id is 'The segment.';
comment on column segmentd.member_count.shard is 'Shard of the contacts.';
comment on column segmentd.member_count.members is 'Number of members.';

comment on table segmentd.worker is 'The running workers.';
comment on column segmentd.worker.id is 'Number of the worker; its log lines carry it.';
comment on column segmentd.worker.host is 'Name of its machine.';
comment on column segmentd.worker.pid is 'Its process.';
comment on column segmentd.worker.version is 'Its version of segmentd.';
comment on column segmentd.worker.queue_kind is 'redis, postgres, or null without a queue.';
comment on column segmentd.worker.queue_place is 'Where its queue is.';
comment on column segmentd.worker.generation is 'segmentd.installation.generation as the worker knew it at its last heartbeat.';
comment on column segmentd.worker.started_at is 'When it started.';
comment on column segmentd.worker.seen_at is 'Time of its last heartbeat. A worker without one for 30 s counts as stopped.';

comment on table segmentd.export_delta is 'Delta exports by name, and how far their files reach.';
comment on column segmentd.export_delta.id is 'Number of the delta.';
comment on column segmentd.export_delta.segment_id is 'The segment.';
comment on column segmentd.export_delta.name is 'Name among the deltas of the segment.';
comment on column segmentd.export_delta.number is 'Number of the last finished file.';
comment on column segmentd.export_delta.snapshot is 'The finished files hold every event that is visible in this snapshot; null before the first file.';
comment on column segmentd.export_delta.as_of is 'Clock when that snapshot was taken.';
comment on column segmentd.export_delta.pending_snapshot is 'The snapshot of the file that is being written. The file is written again until it is finished.';
comment on column segmentd.export_delta.pending is 'The segment as it was in that snapshot.';
comment on column segmentd.export_delta.manifest is 'What the last finished file holds.';
comment on column segmentd.export_delta.created_at is 'When it was first requested.';

comment on table segmentd.export_change is 'Contacts that entered and left, for the delta files that are being written.';
comment on column segmentd.export_change.delta_id is 'The delta.';
comment on column segmentd.export_change.contact_id is 'Key of the contact.';
comment on column segmentd.export_change.change is 'entered, left, entered_left (was in for a while) or left_entered (was out for a while).';
comment on column segmentd.export_change.at is 'Instant of the last event of the contact.';
comment on column segmentd.export_change.reason is 'Reason of the last event.';
comment on column segmentd.export_change.version is 'Version of the last event.';

comment on table segmentd.schedule is 'Scheduled exports.';
comment on column segmentd.schedule.id is 'Number of the schedule.';
comment on column segmentd.schedule.segment_id is 'The segment.';
comment on column segmentd.schedule.cron is 'The cron expression: minute, hour, day of the month, month, weekday.';
comment on column segmentd.schedule.timezone is 'IANA zone of the expression.';
comment on column segmentd.schedule.format is 'csv, ndjson or parquet.';
comment on column segmentd.schedule.columns is 'Columns of the file; null for the default ones.';
comment on column segmentd.schedule.gzip is 'Whether the file is compressed.';
comment on column segmentd.schedule.folder is 'Folder of the files, below the export folder of the worker.';
comment on column segmentd.schedule.delta is 'Name of the delta to continue; null for the whole membership each time.';
comment on column segmentd.schedule.passing is 'Whether a delta names contacts that both entered and left.';
comment on column segmentd.schedule.formulas is 'Whether texts that look like formulas are left as they are.';
comment on column segmentd.schedule.consistent is 'Whether all columns are read in one snapshot.';
comment on column segmentd.schedule.fresh is 'Whether a run waits until membership shows everything that committed before it.';
comment on column segmentd.schedule.next_at is 'Next run; null until a worker has seen the schedule. Set it to null after a change of the expression.';
comment on column segmentd.schedule.error is 'Why the schedule cannot run.';
comment on column segmentd.schedule.created_at is 'When it was created.';
comment on column segmentd.schedule.created_by is 'Role that created it.';

comment on table segmentd.export_run is 'Every export that a person or a schedule requested, and its outcome.';
comment on column segmentd.export_run.id is 'Number of the run.';
comment on column segmentd.export_run.segment_id is 'The segment.';
comment on column segmentd.export_run.schedule_id is 'The schedule that requested it; null when a person did.';
comment on column segmentd.export_run.due_at is 'The instant in the schedule; null when a person requested the export.';
comment on column segmentd.export_run.state is 'waiting, running, done or failed.';
comment on column segmentd.export_run.attempt is 'Number of attempts that began.';
comment on column segmentd.export_run.wait_until is 'Earliest instant of the next attempt.';
comment on column segmentd.export_run.owner is 'The process that runs it.';
comment on column segmentd.export_run.lease_until is 'End of the lease: after it another process may take the export over.';
comment on column segmentd.export_run.file is 'The file, on the machine that wrote it; null for a stream.';
comment on column segmentd.export_run.manifest is 'What the file holds.';
comment on column segmentd.export_run.error is 'Why the last attempt failed, in one sentence.';
comment on column segmentd.export_run.requested_at is 'When it was requested.';
comment on column segmentd.export_run.started_at is 'When the last attempt began.';
comment on column segmentd.export_run.finished_at is 'When the last attempt ended.';

comment on table segmentd.feed_consumer is 'Consumers of the feed, each with its own cursor.';
comment on column segmentd.feed_consumer.name is 'Name of the reader.';
comment on column segmentd.feed_consumer.snapshot is 'The cursor: every event that is visible in this snapshot was delivered.';
comment on column segmentd.feed_consumer.as_of is 'Clock when that snapshot was taken.';
comment on column segmentd.feed_consumer.window_snapshot is 'End of the window that is being delivered; null between windows.';
comment on column segmentd.feed_consumer.window_as_of is 'Clock when that snapshot was taken.';
comment on column segmentd.feed_consumer.position is 'Number of the last event of the window that was delivered.';
comment on column segmentd.feed_consumer.last_position is 'Number of the last event of the window.';
comment on column segmentd.feed_consumer.created_at is 'When the consumer first read.';
comment on column segmentd.feed_consumer.read_at is 'When the cursor last moved.';

comment on table segmentd.migration is 'The applied migrations of this schema.';
comment on column segmentd.migration.id is 'Number of the row.';
comment on column segmentd.migration.hash is 'Hash of its text.';
comment on column segmentd.migration.created_at is 'When the migration was written, in milliseconds since 1970. Migrations are applied in that order.';

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
