-- Which of the 64 shards a contact (or an unresolved link) belongs to, and which of the 256 lock slots a segment has.
-- Fixed for the life of an installation: rows of segmentd.change carry the shard they were written with.
create or replace function segmentd.shard(key text) returns smallint
language sql immutable parallel safe
return (pg_catalog.hashtextextended(key, 0) & 63)::smallint;
comment on function segmentd.shard(text) is 'Shard (0-63) of a contact key or link value.';

create or replace function segmentd.slot(id integer) returns integer
language sql immutable parallel safe
return id & 255;
comment on function segmentd.slot(integer) is 'Advisory lock slot (0-255) of a segment.';
