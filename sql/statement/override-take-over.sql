-- Makes every member of a segment an added member, and deletes its includes and excludes.
-- $1 segment id. Rows: none. Locks: the overrides; the caller holds the segment's slot alone.
with overridden as (
    delete from segmentd.override w where w.segment_id = $1 and w.kind <> 'member'
      and not exists (select from segmentd.membership m where m.segment_id = w.segment_id and m.contact_id = w.contact_id)
)
insert into segmentd.override as w (segment_id, contact_id, kind)
select m.segment_id, m.contact_id, 'member' from segmentd.membership m where m.segment_id = $1
on conflict (segment_id, contact_id) do update set kind = 'member', expires_at = null where w.kind <> 'member'
