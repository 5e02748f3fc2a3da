-- Notes a step of the rolling audit. The caller holds the lock of the audit.
-- $1 last contact compared, null at the end of the pass; $2 contacts compared, $3 whether the pass is at its end,
-- $4 differences repaired, $5 contacts of the next step, $6 milliseconds until it, $7 milliseconds of a pass: the rest
-- of them is waited for at the end of the pass
-- Rows: none. Locks: the one row.
update segmentd.audit a
set position = $1::text::segmentd.contact_key,
    started_at = case when $3::boolean then null else coalesce(a.started_at, clock_timestamp()) end,
    checked = case when $3::boolean then 0 else a.checked + $2::bigint end,
    finished_at = case when $3::boolean then clock_timestamp() else a.finished_at end,
    total = case when $3::boolean then a.checked + $2::bigint else a.total end,
    differences = a.differences + $4::bigint,
    differed_at = case when $4::bigint > 0 then clock_timestamp() else a.differed_at end,
    chunk = $5::integer,
    next_at = greatest(
        clock_timestamp() + $6::float8 * interval '1 millisecond',
        case when $3::boolean then coalesce(a.started_at, clock_timestamp()) + $7::float8 * interval '1 millisecond' end
    )
