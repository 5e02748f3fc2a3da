-- after: condition-limit
-- A row of segmentd.segment written by plain SQL is as good as `segmentd create`: the triggers number versions, keep the worker's columns
-- from callers, turn a DELETE into a request and wake the worker. A worker is a session that sets segmentd.worker = 'on' in its
-- transaction and may write membership: a guard against mistakes, not against the owner of the schema.
create or replace function segmentd_internal.is_worker() returns boolean
language sql stable
return coalesce(pg_catalog.current_setting('segmentd.worker', true), '') = 'on'
  -- Inside a SECURITY DEFINER function current_user is its owner; who called it is what SET ROLE says, or else the login.
  and pg_catalog.has_table_privilege(
    coalesce(nullif(pg_catalog.current_setting('role'), 'none'), session_user::text)::name, 'segmentd.membership', 'insert');
comment on function segmentd_internal.is_worker() is 'Whether the caller is a worker in a transaction of its own.';

create or replace function segmentd_internal.segment_before() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  worker constant boolean := segmentd_internal.is_worker();
  fault text;
begin
  if tg_op = 'INSERT' then
    -- A 0 takes over the key of a deleted segment. The deleted one keeps its versions, events and overrides under another key:
    -- the past of one is not the past of the other.
    if new.confirmed_version = 0 then
      update segmentd.segment s set key = left(s.key, 80) || '.deleted.' || s.id
      where s.key = new.key and s.state = 'deleted' and s.wanted_state = 'deleted';
      new.confirmed_version := null;
    end if;
    new.version := 1;
    if not worker then
      new.state := 'building';
      new.live_version := null;
      new.error := null;
      new.frozen_at := null;
      new.deleted_at := null;
      new.created_at := clock_timestamp();
      new.updated_at := new.created_at;
      new.updated_by := session_user;
      new.updated_actor := nullif(current_setting('segmentd.actor', true), '');
    end if;
  else
    if new.id <> old.id or (new.key <> old.key and not worker and pg_trigger_depth() < 2) then
      raise exception 'the key of segment "%" cannot be changed', old.key
        using errcode = 'check_violation', hint = 'Other segments refer to it by key: duplicate it under the new key.';
    end if;
    if not worker then
      new.version := old.version;
      new.state := old.state;
      new.live_version := old.live_version;
      new.error := old.error;
      new.frozen_at := old.frozen_at;
      new.deleted_at := old.deleted_at;
      new.created_at := old.created_at;
      new.updated_at := clock_timestamp();
      new.updated_by := session_user;
      new.updated_actor := nullif(current_setting('segmentd.actor', true), '');
    end if;
    -- A snapshot keeps its condition for people to read. A dynamic segment that becomes a snapshot keeps its members.
    if new.kind = 'snapshot' and old.kind = 'snapshot' and old.wanted_state <> 'deleted' then
      new.condition := old.condition;
      new.timezone := old.timezone;
    elsif new.kind = 'static' or new.kind = 'snapshot' and old.live_version is not null then
      new.condition := null;
    end if;
    if new.version = old.version
      and (new.condition, new.timezone, new.kind) is distinct from (old.condition, old.timezone, old.kind) then
      new.version := old.version + 1;
    end if;
  end if;
  if new.wanted_state <> 'deleted' then
    new.deleted_at := null;
  end if;
  -- A version that does not exist yet cannot be confirmed.
  new.confirmed_version := least(new.confirmed_version, new.version);
  new.name := coalesce(new.name, new.key);
  -- As in src/segment/text.ts. A value that is stored already may stay, so that the worker and other edits can write the row.
  if (tg_op = 'INSERT' or new.tags is distinct from old.tags) and (
    array_ndims(new.tags) > 1 or array_position(new.tags, null) is not null or array_position(new.tags, '') is not null
    or char_length(array_to_string(new.tags, '')) > 10000
  ) then
    raise exception 'the tags of segment "%" must be a list of texts, none of them NULL or empty, of at most 10,000 characters together', new.key
      using errcode = 'check_violation';
  end if;
  if (tg_op = 'INSERT' or new.description is distinct from old.description) and char_length(new.description) > 10000 then
    raise exception 'the description of segment "%" has more than 10,000 characters', new.key using errcode = 'check_violation';
  end if;
  if (tg_op = 'INSERT' or new.name is distinct from old.name) and char_length(new.name) > 1000 then
    raise exception 'the name of segment "%" has more than 1,000 characters', new.key using errcode = 'check_violation';
  end if;
  if (tg_op = 'INSERT' or new.timezone is distinct from old.timezone) and char_length(new.timezone) > 100 then
    raise exception 'the time zone of segment "%" has more than 100 characters', new.key using errcode = 'check_violation';
  end if;
  if new.condition is not null and (tg_op = 'INSERT' or new.condition is distinct from old.condition) then
    fault := segmentd_internal.condition_fault(new.condition);
    if fault is not null then
      raise exception 'the condition of segment "%" %', new.key, fault
        using errcode = 'check_violation', hint = 'Move a part of it into a segment of its own and use in_segment.';
    end if;
  end if;
  if new.condition is null and (new.kind = 'dynamic' or new.kind = 'snapshot' and tg_op = 'INSERT') then
    raise exception 'segment "%" is % and needs a condition', new.key, new.kind using errcode = 'check_violation';
  end if;
  if new.condition is not null and new.kind = 'static' then
    raise exception 'segment "%" is static and has no condition', new.key using errcode = 'check_violation';
  end if;
  return new;
end
$$;
comment on function segmentd_internal.segment_before() is 'Numbers the versions of a segment and keeps the columns of the worker.';

create or replace function segmentd_internal.segment_after() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if tg_op = 'INSERT' or new.version <> old.version then
    insert into segmentd.segment_version (segment_id, version, kind, condition, timezone, created_by, actor, applied)
    values (new.id, new.version, new.kind, new.condition, new.timezone, session_user, nullif(current_setting('segmentd.actor', true), ''), coalesce(current_setting('segmentd.applied', true), '') = 'on')
    on conflict do nothing;
  end if;
  if not segmentd_internal.is_worker()
    and (select i.doorbell from segmentd_internal.installation i) then
    perform pg_notify('segmentd', '');
  end if;
  return null;
end
$$;
comment on function segmentd_internal.segment_after() is 'Keeps every version that was wanted and wakes the worker.';

create or replace function segmentd_internal.segment_delete() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  if segmentd_internal.is_worker() then
    return old;
  end if;
  update segmentd.segment set wanted_state = 'deleted' where id = old.id;
  return null;
end
$$;
comment on function segmentd_internal.segment_delete() is 'Turns a DELETE into a request that the worker carries out.';

-- Checked at the commit, so that a reader and what it reads can be deleted together.
create or replace function segmentd_internal.segment_in_use() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  wanted constant text := (select s.wanted_state from segmentd.segment s where s.id = new.id);
  reader text;
  schedules text;
begin
  if wanted is null or wanted not in ('deleted', 'archived') then
    return null;
  end if;
  select string_agg(s.key, ', ' order by s.key) into reader
  from segmentd.segment s
  left join segmentd.segment_version w on w.segment_id = s.id and w.version = s.version
  left join segmentd.segment_version v on v.segment_id = s.id and v.version = s.live_version
  where s.wanted_state <> 'deleted' and s.id <> new.id
    and (new.key = any (segmentd_internal.segments_read(w.condition)) or new.key = any (segmentd_internal.segments_read(v.condition)));
  select string_agg(c.id::text, ', ' order by c.id) into schedules from segmentd_internal.schedule c where c.segment_id = new.id;
  if reader is not null or schedules is not null then
    raise exception 'segment "%" cannot be %: it is used by %', new.key, wanted, concat_ws(' and ', reader, 'schedule ' || schedules)
      using errcode = 'object_not_in_prerequisite_state', hint = 'Edit or delete those first, or in the same transaction.';
  end if;
  return null;
end
$$;
comment on function segmentd_internal.segment_in_use() is 'Refuses to delete or archive a segment that others read or schedules export.';

create or replace function segmentd_internal.segment_truncate() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception 'segmentd.segment cannot be truncated'
    using errcode = 'object_not_in_prerequisite_state', hint = 'Delete the segments: the worker then empties them.';
end
$$;
comment on function segmentd_internal.segment_truncate() is 'Refuses TRUNCATE of segmentd.segment.';

create or replace trigger segment_before before insert or update on segmentd.segment
  for each row execute function segmentd_internal.segment_before();
create or replace trigger segment_after after insert or update on segmentd.segment
  for each row execute function segmentd_internal.segment_after();
create or replace trigger segment_delete before delete on segmentd.segment
  for each row execute function segmentd_internal.segment_delete();
create or replace trigger segment_truncate before truncate on segmentd.segment
  for each statement execute function segmentd_internal.segment_truncate();
drop trigger if exists segment_in_use on segmentd.segment;
create constraint trigger segment_in_use after update of wanted_state on segmentd.segment
  deferrable initially deferred for each row
  when (old.wanted_state is distinct from new.wanted_state and new.wanted_state in ('deleted', 'archived'))
  execute function segmentd_internal.segment_in_use();
