-- The only clock. All code that needs the time calls segmentd.instant(); tests replace segmentd_internal.clock().
-- instant() never runs back: a sweep raises segmentd_internal.clock.high before it uses an instant.
create or replace function segmentd_internal.clock() returns timestamptz
language sql volatile
return pg_catalog.clock_timestamp();
comment on function segmentd_internal.clock() is 'The server clock.';

create or replace function segmentd.instant() returns timestamptz
language sql volatile
return greatest(segmentd_internal.clock(), (select c.high from segmentd_internal.clock c));
comment on function segmentd.instant() is 'The instant of an evaluation: the clock, or the highest instant that was used already when that is later.';
