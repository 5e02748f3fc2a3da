-- What each table of segmentd holds, for whoever meets the schema in a client. The first group is the public contract.
comment on schema segmentd is 'Segments of contacts and their members, kept up to date by segmentd.';
comment on domain segmentd.contact_key is 'Key of a contact, of the type of the contacts table.';

comment on table segmentd.segment is 'What is wanted: one row a segment. Insert, update and delete here work like the command line.';
comment on column segmentd.segment.id is 'Number of the segment in membership and events.';
comment on column segmentd.segment.key is 'Name for programs; unique, never changed.';
comment on column segmentd.segment.name is 'Name for people.';
comment on column segmentd.segment.description is 'What it is for.';
comment on column segmentd.segment.kind is 'dynamic: kept by its condition; static: kept by hand; snapshot: built once.';
comment on column segmentd.segment.condition is 'Who is in: the condition that is wanted.';
comment on column segmentd.segment.timezone is 'IANA zone in which calendar operators are read; the catalogue''s when null.';
comment on column segmentd.segment.tags is 'Free labels.';
comment on column segmentd.segment.wanted_state is 'State that is asked for: live, paused, archived or deleted.';
comment on column segmentd.segment.state is 'State as it is; written by the worker.';
comment on column segmentd.segment.version is 'Number of the wanted version; rises with condition, zone and kind.';
comment on column segmentd.segment.live_version is 'Version that the members come from; written by the worker.';
comment on column segmentd.segment.error is 'Why the wanted version cannot be kept; written by the worker.';
comment on column segmentd.segment.frozen_at is 'Since when the members are no longer maintained; written by the worker.';
comment on column segmentd.segment.confirmed_version is 'Version that was confirmed though it moves many members; write the number of a held version here to let it through.';
comment on column segmentd.segment.validated_under is 'Hash of the catalogue under which a version was refused or failed; written by the worker.';
comment on column segmentd.segment.retry_at is 'When a failed segment is tried again at the earliest; written by the worker.';
comment on column segmentd.segment.retries is 'How often it was tried again since it failed; written by the worker.';
comment on column segmentd.segment.deleted_at is 'When it was deleted; written by the worker.';
comment on column segmentd.segment.created_at is 'When it was made.';
comment on column segmentd.segment.updated_at is 'When it was last edited.';
comment on column segmentd.segment.updated_by is 'Role that edited it last.';

comment on table segmentd.segment_version is 'Every version of a segment that was ever wanted.';
comment on column segmentd.segment_version.segment_id is 'The segment.';
comment on column segmentd.segment_version.version is 'Number of the version.';
comment on column segmentd.segment_version.kind is 'Its kind: dynamic, static or snapshot.';
comment on column segmentd.segment_version.condition is 'Its condition.';
comment on column segmentd.segment_version.timezone is 'Its zone.';
comment on column segmentd.segment_version.state is 'proposed, accepted, held (moves many and waits to be confirmed), invalid or superseded.';
comment on column segmentd.segment_version.error is 'Why it is invalid.';
comment on column segmentd.segment_version.applied is 'Whether apply made it, from a file.';
comment on column segmentd.segment_version.fingerprint is 'Hashes of the parts of the catalogue under which its members were built.';
comment on column segmentd.segment_version.created_at is 'When it was wanted first.';
comment on column segmentd.segment_version.created_by is 'Role that wanted it.';

comment on table segmentd.override is 'What was decided by hand of a contact in a segment. Insert and delete here work like the command line.';
comment on column segmentd.override.segment_id is 'The segment.';
comment on column segmentd.override.contact_id is 'Key of the contact; an override goes with its contact.';
comment on column segmentd.override.kind is 'member (of a static segment or a snapshot), include or exclude (over the condition of a dynamic one).';
comment on column segmentd.override.note is 'Why.';
comment on column segmentd.override.created_by is 'Role that decided it last.';
comment on column segmentd.override.created_at is 'When.';
comment on column segmentd.override.expires_at is 'When the worker takes it back; null: never.';

comment on table segmentd.membership is 'The members of every segment now.';
comment on column segmentd.membership.segment_id is 'The segment.';
comment on column segmentd.membership.contact_id is 'Key of the contact.';
comment on column segmentd.membership.entered_at is 'Instant of the evaluation that let the contact in.';

comment on table segmentd.membership_event is 'One row each time a contact entered or left a segment.';
comment on column segmentd.membership_event.id is 'Number of the event; not an order of commits: read with a snapshot cursor.';
comment on column segmentd.membership_event.segment_id is 'The segment.';
comment on column segmentd.membership_event.contact_id is 'Key of the contact.';
comment on column segmentd.membership_event.kind is 'entered or left.';
comment on column segmentd.membership_event.reason is 'contact, related, time, edit, segment, manual, delete or repair.';
comment on column segmentd.membership_event.version is 'Version of the condition that decided.';
comment on column segmentd.membership_event.at is 'Instant of the evaluation, not of the commit that caused it.';
comment on column segmentd.membership_event.xid is 'Transaction that wrote it.';

comment on table segmentd.membership_event_rest is 'Events of months that have no partition of their own.';

comment on table segmentd.installation is 'Facts of this installation; one row.';
comment on column segmentd.installation.one is 'Always true.';
comment on column segmentd.installation.key_type is 'Type of the contacts table''s key.';
comment on column segmentd.installation.doorbell is 'Whether writes wake the worker by NOTIFY.';
comment on column segmentd.installation.generation is 'Rises with every change of a segment''s state, version or plan.';
comment on column segmentd.installation.events_since is 'Events before this instant may have been pruned; null while all are kept.';
comment on column segmentd.installation.fresh_as_of is 'Changes committed before this instant are in the membership, and so is every window that ran out before it.';
comment on column segmentd.installation.rows_as_of is 'Changes committed before this instant are in the membership.';
comment on column segmentd.installation.time_as_of is 'Windows that ran out before this instant are in the membership, but for edges with an as_of of their own.';

comment on table segmentd.clock is 'The highest instant that any sweep has used; one row.';
comment on column segmentd.clock.one is 'Always true.';
comment on column segmentd.clock.high is 'No evaluation uses an earlier instant.';

comment on table segmentd.audit is 'How far the rolling audit has come; one row.';
comment on column segmentd.audit.one is 'Always true.';
comment on column segmentd.audit.position is 'Last contact compared in the pass under way; null at its start.';
comment on column segmentd.audit.started_at is 'When the pass under way began.';
comment on column segmentd.audit.checked is 'Contacts compared in the pass under way.';
comment on column segmentd.audit.finished_at is 'When the last pass came to the end.';
comment on column segmentd.audit.total is 'Contacts that it compared.';
comment on column segmentd.audit.next_at is 'Earliest instant of the next step.';
comment on column segmentd.audit.chunk is 'Contacts compared in one step.';
comment on column segmentd.audit.differences is 'Differences found and repaired in all passes.';
comment on column segmentd.audit.differed_at is 'When the last of them was found.';
comment on column segmentd.audit.verified_at is 'When all segments were verified last.';
comment on column segmentd.audit.verify_differences is 'Differences that this found.';

comment on table segmentd.catalogue is 'The published catalogue: how the team''s tables are read. The newest row counts; segmentd install writes it.';
comment on column segmentd.catalogue.id is 'Number of the publication; the highest counts.';
comment on column segmentd.catalogue.config is 'The config file without its settings.';
comment on column segmentd.catalogue.published_at is 'When it was published.';
comment on column segmentd.catalogue.published_by is 'Role that published it.';

comment on table segmentd.object_file is 'Which repeatable objects were applied.';
comment on column segmentd.object_file.name is 'File of sql/object.';
comment on column segmentd.object_file.hash is 'Hash of its text.';
comment on column segmentd.object_file.applied_at is 'When.';

comment on table segmentd.column_grant is 'Rights to read your tables that install has granted or found; what a role lacks later was revoked and is not granted again.';
comment on column segmentd.column_grant.role is 'Role that has the right.';
comment on column segmentd.column_grant.schema_name is 'Schema of the table.';
comment on column segmentd.column_grant.table_name is 'The table; empty for the right to use the schema.';
comment on column segmentd.column_grant.column_name is 'The column; empty for the right to use the schema.';
comment on column segmentd.column_grant.ours is 'Whether install granted it.';
comment on column segmentd.column_grant.granted_at is 'When install granted or found it.';

comment on table segmentd.trouble is 'Work of workers that fails again and again.';
comment on column segmentd.trouble.work is 'Which work.';
comment on column segmentd.trouble.sqlstate is 'SQLSTATE of the last failure.';
comment on column segmentd.trouble.since is 'When it began.';
comment on column segmentd.trouble.last_at is 'Last failure; a row that is older than 30 seconds is over.';
comment on column segmentd.trouble.failures is 'How often it failed.';

comment on table segmentd.source is 'What the capture triggers report from: one (table, link column) pair each.';
comment on column segmentd.source.id is 'Number in segmentd.change.';
comment on column segmentd.source.key is 'Table and link column.';
comment on column segmentd.source.schema_name is 'Schema of the table.';
comment on column segmentd.source.table_name is 'The table.';
comment on column segmentd.source.link_column is 'Column that leads to the contact.';
comment on column segmentd.source.link_type is 'Type of that column.';
comment on column segmentd.source.kind is 'contact: the contacts table; direct: holds the contact''s key; through: leads to another source.';
comment on column segmentd.source.via_source is 'For through: key of the source in the middle.';
comment on column segmentd.source.via_column is 'For through: column of the middle that the link equals.';
comment on column segmentd.source.fingerprint is 'The table as the triggers were installed on it.';
comment on column segmentd.source.installed_at is 'When its triggers were installed; null while they are not.';

comment on table segmentd.source_column is 'Bit of each column in segmentd.change.mask.';
comment on column segmentd.source_column.source_id is 'The source.';
comment on column segmentd.source_column.column_name is 'The column.';
comment on column segmentd.source_column.bit is 'Its bit; 62 is shared by all past the 62nd.';

comment on table segmentd.change is 'Outbox of the capture triggers: what changed and was not looked at yet.';
comment on column segmentd.change.shard is 'Shard of the contact (0-63), of the link (64-127), or of the contact whose row crossed an edge of time (128-191).';
comment on column segmentd.change.source is 'Where it changed.';
comment on column segmentd.change.contact_id is 'Key of the contact.';
comment on column segmentd.change.link is 'Value of the link of a row that leads to its contact through another table.';
comment on column segmentd.change.mask is 'Columns that changed; null: any.';
comment on column segmentd.change.edge is 'Edge of time that was crossed.';
comment on column segmentd.change.xid is 'Transaction that wrote the row.';
comment on column segmentd.change.origin is 'Transaction that first caused it, where that is another.';

comment on table segmentd.key_change is 'Keys of contacts that changed; what was decided by hand of the old one is still to follow.';
comment on column segmentd.key_change.id is 'Number of the statement that changed them; later statements have higher ones.';
comment on column segmentd.key_change.old_key is 'Key before.';
comment on column segmentd.key_change.new_key is 'Key after.';
comment on column segmentd.key_change.at is 'When.';

comment on table segmentd.edge is 'Moments at which conditions change their mind though no row does: a column''s value, moved by an offset.';
comment on column segmentd.edge.id is 'Number.';
comment on column segmentd.edge.key is 'What it is, as text that is equal for equal edges.';
comment on column segmentd.edge.source is 'Where its column is.';
comment on column segmentd.edge.definition is 'What it is, for readers.';
comment on column segmentd.edge.watermark is 'Rows that crossed it up to then have been queued.';
comment on column segmentd.edge.every is 'Milliseconds between looks where no index makes them cheap.';
comment on column segmentd.edge.as_of is 'Of an edge that is looked at rarely: crossings before this instant are in the membership. Null: those before installation.time_as_of.';

comment on table segmentd.segment_edge is 'Edges that each version of a segment needs.';
comment on column segmentd.segment_edge.segment_id is 'The segment.';
comment on column segmentd.segment_edge.version is 'The version.';
comment on column segmentd.segment_edge.edge_id is 'The edge.';

comment on table segmentd.recheck is 'Pairs of segment and contact to look at again.';
comment on column segmentd.recheck.shard is 'Shard of the contact.';
comment on column segmentd.recheck.segment_id is 'The segment.';
comment on column segmentd.recheck.contact_id is 'Key of the contact.';
comment on column segmentd.recheck.reason is 'Reason that an event will carry.';
comment on column segmentd.recheck.epoch is 'Build that it is parked for.';
comment on column segmentd.recheck.origin is 'Transaction that first caused it.';

comment on table segmentd.rebuild_request is 'Intents to rebuild a segment without a new version.';
comment on column segmentd.rebuild_request.id is 'Number.';
comment on column segmentd.rebuild_request.segment_id is 'The segment.';
comment on column segmentd.rebuild_request.reason is 'Reason that events will carry.';
comment on column segmentd.rebuild_request.detail is 'What changed, in words; null where the reason says it.';
comment on column segmentd.rebuild_request.requested_at is 'When.';
comment on column segmentd.rebuild_request.origin is 'Transaction that caused it.';
comment on column segmentd.rebuild_request.as_of is 'What it is to bring in was committed after this instant.';

comment on table segmentd.build is 'The running or last build of each segment.';
comment on column segmentd.build.segment_id is 'The segment.';
comment on column segmentd.build.epoch is 'Number of the build; only rises.';
comment on column segmentd.build.version is 'Version that is built.';
comment on column segmentd.build.reason is 'Reason that events will carry.';
comment on column segmentd.build.owner is 'Worker that builds.';
comment on column segmentd.build.lease_until is 'Until when it may go silent.';
comment on column segmentd.build.phase is 'staging, done, cancelled or failed.';
comment on column segmentd.build.done is 'Contacts looked at.';
comment on column segmentd.build.total is 'Contacts to look at.';
comment on column segmentd.build.started_at is 'Start.';
comment on column segmentd.build.finished_at is 'End.';
comment on column segmentd.build.origin is 'Origin of the oldest request that it took over; null when it took none.';
comment on column segmentd.build.as_of is 'What it is to bring in was committed after this instant; null when nothing happened but an edit or a request by hand.';

comment on table segmentd.stage_chunk is 'Differences found by the scan of a build and not yet flipped.';
comment on column segmentd.stage_chunk.segment_id is 'The segment.';
comment on column segmentd.stage_chunk.epoch is 'The build.';
comment on column segmentd.stage_chunk.wanted is 'Whether the contacts belong in.';
comment on column segmentd.stage_chunk.size is 'How many contacts these are.';
comment on column segmentd.stage_chunk.contacts is 'Keys of the contacts.';

comment on table segmentd.stage is 'Verdicts of a build on contacts that changed while it scanned; they outrank the scan.';
comment on column segmentd.stage.segment_id is 'The segment.';
comment on column segmentd.stage.epoch is 'The build.';
comment on column segmentd.stage.round is 'Later rounds outrank earlier ones.';
comment on column segmentd.stage.contact_id is 'Key of the contact.';
comment on column segmentd.stage.wanted is 'Whether the contact belongs in.';

comment on table segmentd.member_count is 'Exact number of members by segment and shard.';
comment on column segmentd.member_count.segment_id is 'The segment.';
comment on column segmentd.member_count.shard is 'Shard of the contacts.';
comment on column segmentd.member_count.members is 'How many.';

comment on table segmentd.worker is 'Workers that run.';
comment on column segmentd.worker.id is 'Number of the worker; its log lines carry it.';
comment on column segmentd.worker.host is 'Name of its machine.';
comment on column segmentd.worker.pid is 'Its process.';
comment on column segmentd.worker.version is 'Its version of segmentd.';
comment on column segmentd.worker.queue_kind is 'redis, postgres, or null without a queue.';
comment on column segmentd.worker.queue_place is 'Where its queue is.';
comment on column segmentd.worker.generation is 'segmentd.installation.generation as it knew it when it was last seen.';
comment on column segmentd.worker.started_at is 'When it started.';
comment on column segmentd.worker.seen_at is 'When it last said that it lives; after 30 s without that it counts as gone.';

comment on table segmentd.export_delta is 'Delta exports by name, and up to where their files tell.';
comment on column segmentd.export_delta.id is 'Number of the delta.';
comment on column segmentd.export_delta.segment_id is 'The segment.';
comment on column segmentd.export_delta.name is 'Name among the deltas of the segment.';
comment on column segmentd.export_delta.number is 'Number of the last finished file.';
comment on column segmentd.export_delta.snapshot is 'Up to where the finished files tell; null before the first.';
comment on column segmentd.export_delta.as_of is 'Clock when that snapshot was taken.';
comment on column segmentd.export_delta.pending_snapshot is 'Up to where the file tells that is being written; written again until it is finished.';
comment on column segmentd.export_delta.pending is 'The segment as it was met in that snapshot.';
comment on column segmentd.export_delta.manifest is 'What the last finished file holds.';
comment on column segmentd.export_delta.created_at is 'When it was first asked for.';

comment on table segmentd.export_change is 'Who entered and left, in the deltas that are pending.';
comment on column segmentd.export_change.delta_id is 'The delta.';
comment on column segmentd.export_change.contact_id is 'Key of the contact.';
comment on column segmentd.export_change.change is 'entered, left, entered_left (was in for a while) or left_entered (was out for a while).';
comment on column segmentd.export_change.at is 'Instant of the last event of the contact.';
comment on column segmentd.export_change.reason is 'Reason of the last event.';
comment on column segmentd.export_change.version is 'Version of the last event.';

comment on table segmentd.schedule is 'Exports that a cron expression asks for.';
comment on column segmentd.schedule.id is 'Number of the schedule.';
comment on column segmentd.schedule.segment_id is 'The segment.';
comment on column segmentd.schedule.cron is 'When: minute, hour, day of the month, month, weekday.';
comment on column segmentd.schedule.timezone is 'IANA zone in which the expression is read.';
comment on column segmentd.schedule.format is 'csv, ndjson or parquet.';
comment on column segmentd.schedule.columns is 'Columns of the file; null for the usual ones.';
comment on column segmentd.schedule.gzip is 'Whether the file is compressed.';
comment on column segmentd.schedule.folder is 'Where, below the export folder of the worker.';
comment on column segmentd.schedule.delta is 'Name of the delta to continue; null for the whole membership each time.';
comment on column segmentd.schedule.passing is 'Whether a delta names contacts that both entered and left.';
comment on column segmentd.schedule.formulas is 'Whether texts that look like formulas are left as they are.';
comment on column segmentd.schedule.consistent is 'Whether all columns are read in one snapshot.';
comment on column segmentd.schedule.fresh is 'Whether a run waits until everything committed before it is in.';
comment on column segmentd.schedule.next_at is 'Next run; null until a worker has seen the schedule. Set it to null after a change of the expression.';
comment on column segmentd.schedule.error is 'Why it cannot run at all.';
comment on column segmentd.schedule.created_at is 'When it was made.';
comment on column segmentd.schedule.created_by is 'Role that made it.';

comment on table segmentd.export_run is 'What became of each export, asked for or scheduled.';
comment on column segmentd.export_run.id is 'Number of the run.';
comment on column segmentd.export_run.segment_id is 'The segment.';
comment on column segmentd.export_run.schedule_id is 'The schedule that asked for it, or null.';
comment on column segmentd.export_run.due_at is 'The instant that the schedule names; null when a person asked.';
comment on column segmentd.export_run.state is 'waiting, running, done or failed.';
comment on column segmentd.export_run.attempt is 'How often it was begun.';
comment on column segmentd.export_run.wait_until is 'Not begun before this.';
comment on column segmentd.export_run.owner is 'The process that runs it.';
comment on column segmentd.export_run.lease_until is 'When another process may take it over, unless its owner says that it lives.';
comment on column segmentd.export_run.file is 'The file, on the machine that wrote it; null for a stream.';
comment on column segmentd.export_run.manifest is 'What the file holds.';
comment on column segmentd.export_run.error is 'Why the last attempt failed, in one sentence.';
comment on column segmentd.export_run.requested_at is 'When it was asked for.';
comment on column segmentd.export_run.started_at is 'When the last attempt began.';
comment on column segmentd.export_run.finished_at is 'When it ended.';

comment on table segmentd.feed_consumer is 'Readers of the event log, each with its own place in it.';
comment on column segmentd.feed_consumer.name is 'Name of the reader.';
comment on column segmentd.feed_consumer.snapshot is 'Everything visible in it was delivered.';
comment on column segmentd.feed_consumer.as_of is 'Clock when that snapshot was taken.';
comment on column segmentd.feed_consumer.window_snapshot is 'End of the window that is being delivered; null between windows.';
comment on column segmentd.feed_consumer.window_as_of is 'Clock when that snapshot was taken.';
comment on column segmentd.feed_consumer.position is 'Number of the last event of the window that was delivered.';
comment on column segmentd.feed_consumer.last_position is 'Number of the last event of the window.';
comment on column segmentd.feed_consumer.created_at is 'When it first read.';
comment on column segmentd.feed_consumer.read_at is 'When it last moved.';

comment on table segmentd.migration is 'Migrations of this schema that were applied.';
comment on column segmentd.migration.id is 'Number of the row.';
comment on column segmentd.migration.hash is 'Hash of its text.';
comment on column segmentd.migration.created_at is 'When it was made, in milliseconds since 1970; they are applied in that order.';

-- A partition made before the comments has none of its own: Postgres shows those of the parent for the parent alone.
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
