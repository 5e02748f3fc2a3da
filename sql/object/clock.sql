-- The only clock. All code that needs the time calls segmentd.instant(); tests replace segmentd.clock().
-- instant() never runs back: a sweep raises segmentd.clock.high before it uses an instant.
create or replace function segmentd.clock() returns timestamptz
language sql volatile
return pg_catalog.clock_timestamp();
comment on function segmentd.clock() is 'The server clock.';

create or replace function segmentd.instant() returns timestamptz
language sql volatile
return greatest(segmentd.clock(), (select c.high from segmentd.clock c));
comment on function segmentd.instant() is 'The instant of an evaluation: the clock, or the highest instant that was used already when that is later.';
