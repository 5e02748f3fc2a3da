-- Whether a segment in this state has work: drains recheck it under its live version and park contacts for its build. The states are
-- those of src/lifecycle/state.ts. Postgres writes the function's text into the statement that calls it, so it costs nothing.
create or replace function segmentd_internal.is_followed(state text) returns boolean
language sql immutable parallel safe
return state in ('building', 'live', 'held');
comment on function segmentd_internal.is_followed(text) is 'Whether a segment in this state follows the data.';
