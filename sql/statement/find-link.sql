-- Shards with unresolved rows. $1 shards. Rows: shard. Locks: none.
select wanted.shard from unnest($1::smallint[]) as wanted(shard)
where exists (select from segmentd_internal.change c where c.shard = wanted.shard + 64)
