-- Dates and instants inside jsonb, as conditions read them: text in one exact format, anything else is missing (NULL).
-- Immutable and never raising, so that the team may index them: the format names its own offset and field order, so no
-- setting of the session decides, and the patterns let nothing through that the cast refuses. No exception block: it
-- would cost a subtransaction a row and forbid parallel plans. Every name has its schema: in an index of the team's the
-- functions run under any search path, and one of their own (`set search_path`) would be switched for each row.

-- `YYYY-MM-DD`, years 0001 to 9999.
create or replace function segmentd.json_date(value text) returns date
language plpgsql immutable strict parallel safe
as $$
begin
  if value operator(pg_catalog.!~) '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$' or pg_catalog.starts_with(value, '0000') then
    return null;
  end if;
  -- The day must exist: the month's last day is the day before the first of the next.
  if pg_catalog.right(value, 2)::pg_catalog.int4 operator(pg_catalog.>) 28
    and pg_catalog.right(value, 2)::pg_catalog.int4 operator(pg_catalog.>) extract(day from
      pg_catalog.make_date(pg_catalog.left(value, 4)::pg_catalog.int4, pg_catalog.substr(value, 6, 2)::pg_catalog.int4, 1)
      operator(pg_catalog.+) interval '1 month' operator(pg_catalog.-) interval '1 day')::pg_catalog.int4 then
    return null;
  end if;
  return pg_catalog.make_date(pg_catalog.left(value, 4)::pg_catalog.int4, pg_catalog.substr(value, 6, 2)::pg_catalog.int4, pg_catalog.right(value, 2)::pg_catalog.int4);
end
$$;

comment on function segmentd.json_date(text) is
  'A date written YYYY-MM-DD, as conditions read it from jsonb; anything else is null.';

-- ISO 8601 date and time with `Z` or an offset; seconds and their fraction may be left out; microseconds are kept. The
-- rule of dates is repeated here: in an index of the team the function runs as the writer of the table, who may not use
-- our schema.
create or replace function segmentd.json_instant(value text) returns timestamptz
language plpgsql immutable strict parallel safe
as $$
begin
  if value operator(pg_catalog.!~) '^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])[Tt ]([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9]([.][0-9]{1,6})?)?([Zz]|[+-](0[0-9]|1[0-5])(:?[0-5][0-9])?)$'
    or pg_catalog.starts_with(value, '0000') then
    return null;
  end if;
  if pg_catalog.substr(value, 9, 2)::pg_catalog.int4 operator(pg_catalog.>) 28
    and pg_catalog.substr(value, 9, 2)::pg_catalog.int4 operator(pg_catalog.>) extract(day from
      pg_catalog.make_date(pg_catalog.left(value, 4)::pg_catalog.int4, pg_catalog.substr(value, 6, 2)::pg_catalog.int4, 1)
      operator(pg_catalog.+) interval '1 month' operator(pg_catalog.-) interval '1 day')::pg_catalog.int4 then
    return null;
  end if;
  return value::pg_catalog.timestamptz;
end
$$;

comment on function segmentd.json_instant(text) is
  'An instant in ISO 8601 with offset or Z, as conditions read it from jsonb; anything else is null.';
