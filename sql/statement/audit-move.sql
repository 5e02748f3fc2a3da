-- Notes a step of the rolling audit. The caller holds the lock of the audit.
-- $1 last contact compared, null at the end of the pass; $2 contacts compared, $3 whether the pass is at its end,
-- $4 differences repaired, $5 contacts of the next step, $6 milliseconds until it, $7 milliseconds of a pass: the rest
-- of them is waited for at the end of the pass; $8 differences of this step by segment id,
-- $9 when the step began: a pass begins with its first step
-- Rows: none. Locks: the one row.
update segmentd_internal.audit a
set position = $1::text::segmentd.contact_key,
    started_at = case when $3::boolean then null else coalesce(a.started_at, $9::timestamptz) end,
    checked = case when $3::boolean then 0 else a.checked + $2::bigint end,
    finished_at = case when $3::boolean then clock_timestamp() else a.finished_at end,
    passed_from = case when $3::boolean then coalesce(a.started_at, $9::timestamptz) else a.passed_from end,
    passed_differing = case when $3::boolean then found.differing else a.passed_differing end,
    differing = case when $3::boolean then '{}' else found.differing end,
    total = case when $3::boolean then a.checked + $2::bigint else a.total end,
    differences = a.differences + $4::bigint,
    differed_at = case when $4::bigint > 0 then clock_timestamp() else a.differed_at end,
    chunk = $5::integer,
    next_at = greatest(
        clock_timestamp() + $6::float8 * interval '1 millisecond',
        case when $3::boolean then coalesce(a.started_at, clock_timestamp()) + $7::float8 * interval '1 millisecond' end
    )
from (
    select coalesce(jsonb_object_agg(sums.segment_id, sums.differences), '{}') as differing
    from (
        select each.key as segment_id, sum(each.value::bigint) as differences
        from (
            select b.key, b.value from segmentd_internal.audit d cross join lateral jsonb_each_text(d.differing) b
            union all
            select n.key, n.value from jsonb_each_text($8::jsonb) n
        ) each
        group by each.key
    ) sums
) found
