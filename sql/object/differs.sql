-- Whether two values of a column differ; null is a value of its own. The operator is that of Postgres whatever the search
-- path of the caller is, because it is looked up here. The planner inlines the functions, so a call costs nothing.
-- One for each type in PLAIN_TYPE (src/capture/trigger/changed-mask.ts).
create or replace function segmentd_internal.differs(a smallint, b smallint) returns boolean language sql immutable parallel safe return a is distinct from b;
create or replace function segmentd_internal.differs(a integer, b integer) returns boolean language sql immutable parallel safe return a is distinct from b;
create or replace function segmentd_internal.differs(a bigint, b bigint) returns boolean language sql immutable parallel safe return a is distinct from b;
create or replace function segmentd_internal.differs(a numeric, b numeric) returns boolean language sql immutable parallel safe return a is distinct from b;
create or replace function segmentd_internal.differs(a real, b real) returns boolean language sql immutable parallel safe return a is distinct from b;
create or replace function segmentd_internal.differs(a double precision, b double precision) returns boolean language sql immutable parallel safe return a is distinct from b;
create or replace function segmentd_internal.differs(a boolean, b boolean) returns boolean language sql immutable parallel safe return a is distinct from b;
create or replace function segmentd_internal.differs(a date, b date) returns boolean language sql immutable parallel safe return a is distinct from b;
create or replace function segmentd_internal.differs(a uuid, b uuid) returns boolean language sql immutable parallel safe return a is distinct from b;
create or replace function segmentd_internal.differs(a jsonb, b jsonb) returns boolean language sql immutable parallel safe return a is distinct from b;
create or replace function segmentd_internal.differs(a text, b text) returns boolean language sql immutable parallel safe return a is distinct from b;
create or replace function segmentd_internal.differs(a character varying, b character varying) returns boolean language sql immutable parallel safe return a is distinct from b;
create or replace function segmentd_internal.differs(a timestamp with time zone, b timestamp with time zone) returns boolean language sql immutable parallel safe return a is distinct from b;
create or replace function segmentd_internal.differs(a timestamp without time zone, b timestamp without time zone) returns boolean language sql immutable parallel safe return a is distinct from b;
create or replace function segmentd_internal.differs(a time with time zone, b time with time zone) returns boolean language sql immutable parallel safe return a is distinct from b;
create or replace function segmentd_internal.differs(a time without time zone, b time without time zone) returns boolean language sql immutable parallel safe return a is distinct from b;
comment on function segmentd_internal.differs(smallint, smallint) is 'Whether two values differ; null is a value of its own.';
comment on function segmentd_internal.differs(integer, integer) is 'Whether two values differ; null is a value of its own.';
comment on function segmentd_internal.differs(bigint, bigint) is 'Whether two values differ; null is a value of its own.';
comment on function segmentd_internal.differs(numeric, numeric) is 'Whether two values differ; null is a value of its own.';
comment on function segmentd_internal.differs(real, real) is 'Whether two values differ; null is a value of its own.';
comment on function segmentd_internal.differs(double precision, double precision) is 'Whether two values differ; null is a value of its own.';
comment on function segmentd_internal.differs(boolean, boolean) is 'Whether two values differ; null is a value of its own.';
comment on function segmentd_internal.differs(date, date) is 'Whether two values differ; null is a value of its own.';
comment on function segmentd_internal.differs(uuid, uuid) is 'Whether two values differ; null is a value of its own.';
comment on function segmentd_internal.differs(jsonb, jsonb) is 'Whether two values differ; null is a value of its own.';
comment on function segmentd_internal.differs(text, text) is 'Whether two values differ; null is a value of its own.';
comment on function segmentd_internal.differs(character varying, character varying) is 'Whether two values differ; null is a value of its own.';
comment on function segmentd_internal.differs(timestamp with time zone, timestamp with time zone) is 'Whether two values differ; null is a value of its own.';
comment on function segmentd_internal.differs(timestamp without time zone, timestamp without time zone) is 'Whether two values differ; null is a value of its own.';
comment on function segmentd_internal.differs(time with time zone, time with time zone) is 'Whether two values differ; null is a value of its own.';
comment on function segmentd_internal.differs(time without time zone, time without time zone) is 'Whether two values differ; null is a value of its own.';
