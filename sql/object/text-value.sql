-- Numbers, dates and times inside text, as conditions read them: anything else is missing (NULL). Immutable and never
-- raising, so that the team may index them. As in json-instant.sql every name has its schema, there is no exception
-- block, and no function calls another: in an index of the team's the functions run as the writer of the table, under
-- any search path. The patterns name their collation, because those of nondeterministic ones raise.

-- Digits with a sign and a fraction, in at most 1,000 characters; spaces, tabs and ends of line around them do not count.
create or replace function segmentd.text_number(value text) returns numeric
language plpgsql immutable strict parallel safe
as $$
begin
  if pg_catalog.length(value) operator(pg_catalog.>) 1000
    or value operator(pg_catalog.!~) '^[ \t\r\n]*[+-]?[0-9]+([.][0-9]+)?[ \t\r\n]*$' collate pg_catalog."C" then
    return null;
  end if;
  return value::pg_catalog.numeric;
end
$$;

comment on function segmentd.text_number(text) is
  'A number written in digits with a sign and a fraction, as conditions read it from text; anything else is null.';

-- A date in one format, such as DD/MM/YYYY, or a date and a time, such as DD/MM/YYYY HH:MI. Years 0001 to 9999. Another
-- format reads nothing.
create or replace function segmentd.text_timestamp(value text, format text) returns timestamp
language plpgsql immutable strict parallel safe
as $$
declare
  days pg_catalog.text := pg_catalog.split_part(format collate pg_catalog."C", ' ', 1);
  hours pg_catalog.text := pg_catalog.split_part(format collate pg_catalog."C", ' ', 2);
  part pg_catalog.text[] := pg_catalog.regexp_match(value collate pg_catalog."C", pg_catalog.concat('^', case
    when days operator(pg_catalog.=) 'YYYY-MM-DD' then '([0-9]{4})-([0-9]{1,2})-([0-9]{1,2})'
    when days operator(pg_catalog.=) 'YYYY/MM/DD' then '([0-9]{4})/([0-9]{1,2})/([0-9]{1,2})'
    when days operator(pg_catalog.=) 'YYYYMMDD' then '([0-9]{4})([0-9]{2})([0-9]{2})'
    when days operator(pg_catalog.=) 'DD/MM/YYYY' or days operator(pg_catalog.=) 'MM/DD/YYYY' then '([0-9]{1,2})/([0-9]{1,2})/([0-9]{4})'
    when days operator(pg_catalog.=) 'DD.MM.YYYY' then '([0-9]{1,2})[.]([0-9]{1,2})[.]([0-9]{4})'
    when days operator(pg_catalog.=) 'DD-MM-YYYY' then '([0-9]{1,2})-([0-9]{1,2})-([0-9]{4})'
    else '(?!)' end, case
    when hours operator(pg_catalog.=) '' then ''
    when hours operator(pg_catalog.=) 'HH:MI' then '[ T]([0-9]{1,2}):([0-9]{2})'
    when hours operator(pg_catalog.=) 'HH:MI:SS' then '[ T]([0-9]{1,2}):([0-9]{2}):([0-9]{2}([.][0-9]{1,6})?)'
    else '(?!)' end, '$'));
  place pg_catalog.int4[] := case
    when pg_catalog.left(days, 1) operator(pg_catalog.=) 'Y' then '{1,2,3}'
    when pg_catalog.left(days, 1) operator(pg_catalog.=) 'D' then '{3,2,1}' else '{3,1,2}' end;
  year pg_catalog.int4 := part[place[1]];
  month pg_catalog.int4 := part[place[2]];
  day pg_catalog.int4 := part[place[3]];
  hour pg_catalog.int4 := coalesce(part[4], '0');
  minute pg_catalog.int4 := coalesce(part[5], '0');
  second pg_catalog.float8 := coalesce(part[6], '0');
begin
  if part is null
    or year operator(pg_catalog.<) 1 or month operator(pg_catalog.<) 1 or month operator(pg_catalog.>) 12 or day operator(pg_catalog.<) 1
    or hour operator(pg_catalog.>) 23 or minute operator(pg_catalog.>) 59 or second operator(pg_catalog.>=) 60 then
    return null;
  end if;
  -- The day must exist: the month's last day is the day before the first of the next.
  if day operator(pg_catalog.>) 28 and day operator(pg_catalog.>) extract(day from
      pg_catalog.make_date(year, month, 1) operator(pg_catalog.+) interval '1 month' operator(pg_catalog.-) interval '1 day')::pg_catalog.int4 then
    return null;
  end if;
  return pg_catalog.make_timestamp(year, month, day, hour, minute, second);
end
$$;

comment on function segmentd.text_timestamp(text, text) is
  'A date, or a date and a time, written in the given format, as conditions read it from text; anything else is null.';
