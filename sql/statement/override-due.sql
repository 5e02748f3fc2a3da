-- Whether an override has expired. Rows: one or none. Locks: none.
select from segmentd.override w where w.expires_at <= (select segmentd.instant()) limit 1
