-- Which of the 64 shards a contact belongs to, and which of the 256 slots a segment has. Fixed for the life of an
-- installation: rows of segmentd_internal.change carry the shard with which they were written.
create or replace function segmentd_internal.shard(key text) returns smallint
language sql immutable parallel safe
return (pg_catalog.hashtextextended(key, 0) & 63)::smallint;
comment on function segmentd_internal.shard(text) is 'Shard (0-63) of a contact key or link value.';

-- Rows of the outbox with an unresolved link have shards above those of contacts, so that one index serves both.
create or replace function segmentd_internal.link_shard(link text) returns smallint
language sql immutable parallel safe
return (64 + (pg_catalog.hashtextextended(link, 0) & 63))::smallint;
comment on function segmentd_internal.link_shard(text) is 'Shard (64-127) of an unresolved link.';

create or replace function segmentd_internal.slot(id integer) returns integer
language sql immutable parallel safe
return id & 255;
comment on function segmentd_internal.slot(integer) is 'Advisory lock slot (0-255) of a segment.';
