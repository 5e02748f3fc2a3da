-- Records how fresh membership is. $1 instant of a probe whose work is all done, $2 instant up to which crossings had
-- been queued by then, or null, $3 edges that are probed rarely, $4 the same instant for each of these, or null. Rows:
-- none. Locks: the installation; edges that are, or were until now, probed rarely. It skips edges that a sweep holds.
-- An edge without `as_of` is as of `time_as_of`, so `time_as_of` does not move while an edge of $3 could not get its
-- own `as_of`.
with late as materialized (
  select l.id, least(l.as_of, $1::timestamptz) as as_of from unnest($3::int[], $4::text[]::timestamptz[]) as l(id, as_of) where l.as_of is not null
  union all
  select l.id, null from unnest($3::int[], $4::text[]::timestamptz[]) as l(id, as_of) where l.as_of is null
), prompt as materialized (
  select i.time_as_of as before, case when $2::text is not null then least($1::timestamptz, $2::text::timestamptz) end as clean from segmentd_internal.installation i
), mine as materialized (
  select e.id, e.as_of, e.watermark, l.id is not null as late, l.as_of as clean
  from segmentd_internal.edge e left join late l on l.id = e.id
  where e.as_of is not null or l.id is not null
  order by e.id
  for no key update of e skip locked
), known as materialized (
  select m.id, m.as_of as before, case
    when m.late then greatest(coalesce(m.as_of, p.before, m.watermark), m.clean)
    -- Looked at with every poll again. Until that is as far as the others are it keeps its own.
    when p.clean >= coalesce(p.before, '-infinity') then null
    else greatest(m.as_of, p.clean)
  end as as_of
  from mine m cross join prompt p
), moved as (
  update segmentd_internal.edge e set as_of = k.as_of from known k where e.id = k.id and k.as_of is distinct from k.before
), named as materialized (
  select greatest(p.before, case when not exists (
      select from late l join segmentd_internal.edge e on e.id = l.id where e.as_of is null and not exists (select from mine m where m.id = l.id)
    ) then p.clean end) as time_as_of
  from prompt p
)
update segmentd_internal.installation i set
  rows_as_of = greatest(i.rows_as_of, $1::timestamptz),
  time_as_of = t.time_as_of,
  fresh_as_of = greatest(i.fresh_as_of, case when t.time_as_of is not null then least(greatest(i.rows_as_of, $1::timestamptz), t.time_as_of, (
    select min(coalesce(k.as_of, e.as_of)) from segmentd_internal.edge e left join known k on k.id = e.id
    where case when k.id is not null then k.as_of is not null else e.as_of is not null end)) end)
from named t
