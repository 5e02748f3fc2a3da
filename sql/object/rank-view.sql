-- How each rank stands, for analysts. The values of the contacts stand in segmentd.contact_rank.
create or replace view segmentd.rank_status as
select r.name, r.as_of, r.ranked, r.moved, case when isfinite(r.next_at) then r.next_at end as next_at, r.error
from segmentd_internal.rank r;

comment on view segmentd.rank_status is 'How each rank stands.';
comment on column segmentd.rank_status.name is 'Name of the rank.';
comment on column segmentd.rank_status.as_of is 'Instant under which the stored values were computed; null before the first computation.';
comment on column segmentd.rank_status.ranked is 'Number of contacts that have the rank.';
comment on column segmentd.rank_status.moved is 'Number of contacts whose rank the last computation changed.';
comment on column segmentd.rank_status.next_at is 'When the rank is computed next; null: now.';
comment on column segmentd.rank_status.error is 'Why the last computation failed: the values before it stay.';
