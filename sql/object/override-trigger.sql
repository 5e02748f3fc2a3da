-- after: doorbell, shard, segment-trigger
-- Callers write overrides by plain SQL, in their own transaction; nothing here writes membership. The trigger queues the contacts that a
-- statement wrote for the drains, with reason 'manual'; for more than 5,000 contacts of one segment it requests a rebuild instead. It locks
-- only the rows written: each drain reads which segments have overrides (src/recheck/lock-segments.ts).
create or replace function segmentd_internal.override_written() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
  -- More contacts of one segment than this are cheaper to rebuild than to re-check.
  most constant integer := 5000;
  one record;
  many integer[] := '{}';
  deleted integer[] := '{}';
begin
  if segmentd_internal.is_worker() then
    return null;
  end if;
  if tg_op = 'UPDATE' then
    if exists (
      select from was full join written on written.segment_id = was.segment_id and written.contact_id = was.contact_id
      where was.segment_id is null or written.segment_id is null
    ) then
      raise exception 'segment and contact of an override cannot be changed'
        using errcode = 'check_violation', hint = 'Delete it and insert another.';
    end if;
  end if;
  for one in
    select w.segment_id, w.kind, w.rows, s.key, s.kind as segment_kind, s.live_version, coalesce(s.wanted_state, 'deleted') as wanted_state
    from (select t.segment_id, t.kind, count(*) as rows from written t group by t.segment_id, t.kind) w
    left join segmentd.segment s on s.id = w.segment_id
  loop
    if one.wanted_state = 'deleted' then
      if tg_op = 'DELETE' then
        deleted := deleted || one.segment_id;
        continue;
      end if;
      raise exception 'there is no segment %', one.segment_id using errcode = 'foreign_key_violation';
    end if;
    if one.kind = 'member' and one.segment_kind = 'snapshot' and (tg_op <> 'DELETE' or one.live_version is not null) then
      raise exception 'segment "%" is a snapshot: contacts are neither added nor removed', one.key
        using errcode = 'check_violation', hint = 'Make it static to add and remove contacts.';
    end if;
    if tg_op <> 'DELETE' and (one.kind = 'member') <> (one.segment_kind = 'static') then
      raise exception 'segment "%" is %', one.key, one.segment_kind
        using errcode = 'check_violation', hint = 'Static segments have overrides of kind member, dynamic ones include and exclude.';
    end if;
    if one.rows > most then
      many := many || one.segment_id;
    end if;
  end loop;
  insert into segmentd_internal.rebuild_request (segment_id, reason) select distinct m.id, 'manual' from unnest(many) as m(id);
  insert into segmentd_internal.recheck (shard, segment_id, contact_id, reason)
  select segmentd_internal.shard(t.contact_id::text), t.segment_id, t.contact_id, 'manual' from written t where t.segment_id <> all (many || deleted);
  if found or cardinality(many) > 0 then
    if (select i.doorbell from segmentd_internal.installation i) then
      perform segmentd_internal.doorbell();
    end if;
  end if;
  return null;
end
$$;
comment on function segmentd_internal.override_written() is 'Queues the contacts whose overrides were written, and wakes the worker.';

create or replace function segmentd_internal.override_truncate() returns trigger
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
  raise exception 'segmentd.override cannot be truncated'
    using errcode = 'object_not_in_prerequisite_state', hint = 'Delete the rows: the worker then follows.';
end
$$;
comment on function segmentd_internal.override_truncate() is 'Refuses TRUNCATE of segmentd.override.';

create or replace trigger override_insert after insert on segmentd.override
  referencing new table as written for each statement execute function segmentd_internal.override_written();
create or replace trigger override_update after update on segmentd.override
  referencing old table as was new table as written for each statement execute function segmentd_internal.override_written();
create or replace trigger override_delete after delete on segmentd.override
  referencing old table as written for each statement execute function segmentd_internal.override_written();
create or replace trigger override_truncate before truncate on segmentd.override
  for each statement execute function segmentd_internal.override_truncate();
