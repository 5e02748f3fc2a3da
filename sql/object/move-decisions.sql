-- after: override-trigger
-- A caller that merges two contacts calls this in the same transaction; a changed key needs no call. The overrides of the first contact move
-- to the second. When both have one in a segment, the newer one stays. Snapshots do not change. The caller needs the rights of
-- segmentd_editor.
create or replace function segmentd.move_decisions(from_contact segmentd.contact_key, to_contact segmentd.contact_key) returns integer
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
  moved integer;
begin
  if from_contact = to_contact then
    return 0;
  end if;
  -- In one order, so that two merges of the same contacts do not wait for each other.
  perform from segmentd.override w where w.contact_id in (from_contact, to_contact) order by w.contact_id, w.segment_id for update;
  update segmentd.override b set kind = a.kind, note = a.note, expires_at = a.expires_at
  from segmentd.override a
  where a.contact_id = from_contact and b.contact_id = to_contact and b.segment_id = a.segment_id and a.created_at > b.created_at
    and (a.kind, a.note, a.expires_at) is distinct from (b.kind, b.note, b.expires_at);
  insert into segmentd.override (segment_id, contact_id, kind, note, expires_at)
  select a.segment_id, to_contact, a.kind, a.note, a.expires_at
  from segmentd.override a
  join segmentd.segment s on s.id = a.segment_id and s.wanted_state <> 'deleted' and s.kind <> 'snapshot'
  where a.contact_id = from_contact
    and not exists (select from segmentd.override b where b.segment_id = a.segment_id and b.contact_id = to_contact);
  delete from segmentd.override a using segmentd.segment s
  where a.contact_id = from_contact and s.id = a.segment_id and s.kind <> 'snapshot';
  get diagnostics moved = row_count;
  return moved;
end
$$;
comment on function segmentd.move_decisions(segmentd.contact_key, segmentd.contact_key) is 'Moves the overrides of one contact to another, for merges; returns how many moved.';
