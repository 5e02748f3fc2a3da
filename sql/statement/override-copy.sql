-- Copies the added members of one static segment to another. $1 key of the one, $2 of the other. Rows: none. Locks: the new rows.
insert into segmentd.override (segment_id, contact_id, kind, note, expires_at)
select other.id, w.contact_id, w.kind, w.note, w.expires_at
from segmentd.segment s
join segmentd.override w on w.segment_id = s.id and w.kind = 'member'
join segmentd.segment other on other.key = $2
where s.key = $1
order by 2
