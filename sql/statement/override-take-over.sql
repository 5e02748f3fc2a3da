-- Whoever is a member of a segment is one by hand from now on; overrides have done their work.
-- $1 segment id. Rows: none. Locks: the overrides; the caller holds the segment's slot alone.
with overridden as (
    delete from segmentd.override w where w.segment_id = $1 and w.kind <> 'member'
      and not exists (select from segmentd.membership m where m.segment_id = w.segment_id and m.contact_id = w.contact_id)
)
insert into segmentd.override as w (segment_id, contact_id, kind)
select m.segment_id, m.contact_id, 'member' from segmentd.membership m where m.segment_id = $1
on conflict (segment_id, contact_id) do update set kind = 'member', expires_at = null where w.kind <> 'member'
