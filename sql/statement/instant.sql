-- The instant of an evaluation: text, because a JavaScript Date would cut the microseconds. Rows: instant.
select segmentd.instant()::text as instant
