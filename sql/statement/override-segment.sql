-- Which of these segments have overrides. $1 segment ids. Rows: id. Locks: none.
select s.id from unnest($1::int[]) as s(id)
where exists (select from segmentd.override w where w.segment_id = s.id and w.kind <> 'member')
