-- A worker is here and alive; the first beat registers it. Rows of workers that were killed go after an hour.
-- $1 id, $2 host, $3 pid, $4 version, $5 kind of its queue, $6 place of its queue, $7 generation that it knows
-- Rows: none. Locks: its own row, and rows that were not written for an hour.
with pruned as (
  delete from segmentd_internal.worker w where w.seen_at < clock_timestamp() - interval '1 hour' and w.id <> $1::uuid
)
insert into segmentd_internal.worker (id, host, pid, version, queue_kind, queue_place, generation)
values ($1::uuid, $2, $3, $4, $5, $6, $7::bigint)
on conflict (id) do update set seen_at = clock_timestamp(), generation = excluded.generation
