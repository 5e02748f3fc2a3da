-- after: segment-view, history-view
-- always
-- The role for analysts: it reads the public tables and views and nothing else. Roles belong to the server, not to the
-- database, and not everybody may create one: without it the rest works, and `doctor` says what to do.
do $$
begin
  if not exists (select from pg_catalog.pg_roles where rolname = 'segmentd_reader') then
    create role segmentd_reader nologin;
  end if;
exception
  when insufficient_privilege or duplicate_object or unique_violation then null;
end
$$;
do $$
begin
  if exists (select from pg_catalog.pg_roles where rolname = 'segmentd_reader') then
    revoke all on all tables in schema segmentd from segmentd_reader;
    revoke all on all functions in schema segmentd from segmentd_reader;
    grant usage on schema segmentd to segmentd_reader;
    grant select on segmentd.segment, segmentd.segment_version, segmentd.membership, segmentd.membership_event,
      segmentd.segment_status, segmentd.member, segmentd.membership_period, segmentd.segment_size to segmentd_reader;
    grant execute on function segmentd.members_as_of(text, timestamptz), segmentd.events_reach(timestamptz) to segmentd_reader;
  end if;
end
$$;
