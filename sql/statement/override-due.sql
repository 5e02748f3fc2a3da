-- Whether a decision by hand has come to its end. Rows: one or none. Locks: none.
select from segmentd.override w where w.expires_at <= (select segmentd.instant()) limit 1
