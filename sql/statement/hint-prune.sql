-- Removes hints for open pages that every process of `segmentd serve` has read.
-- $1 minutes that a hint is kept
-- Rows: none. Locks: those hints.
delete from segmentd_internal.page_hint h where h.at < clock_timestamp() - make_interval(mins => $1)
