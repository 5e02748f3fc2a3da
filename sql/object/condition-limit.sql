-- Limits of a condition, checked without recursion. A condition that is nested 6,000 deep makes every jsonpath raise
-- 54001, so every query over all segments would fail. src/condition/limit.ts has the same limits.

-- How deep arrays and objects are nested, counted up to 100. The caller removes strings first. Each round removes the
-- innermost pairs.
create or replace function segmentd_internal.json_depth(brackets text) returns integer
language plpgsql immutable strict parallel safe set search_path = pg_catalog, pg_temp
as $$
declare
  level integer := 0;
begin
  while brackets <> '' and level < 100 loop
    brackets := replace(brackets, '{}', '');
    level := level + 1;
  end loop;
  return level;
end
$$;
comment on function segmentd_internal.json_depth(text) is 'How deep pairs of curly brackets are nested, at most 100.';

-- Null for a condition that may be stored; otherwise the end of a sentence that begins with "the condition of segment …
-- ".
create or replace function segmentd_internal.condition_fault(condition jsonb) returns text
language plpgsql immutable strict parallel safe set search_path = pg_catalog, pg_temp
as $$
declare
  printed constant text := condition::text;
  plain text;
  brackets text;
begin
  -- This comes before every search in the text. Spaces are only a part of the size.
  if octet_length(printed) > 4 * 262144 then
    return 'is larger than 256 KiB';
  end if;
  plain := regexp_replace(printed, '"(?:[^"\\]|\\.)*"', '""', 'g');
  -- The size as JSON without spaces.
  if octet_length(printed) - length(plain) + length(replace(replace(plain, ', ', ','), ': ', ':')) > 262144 then
    return 'is larger than 256 KiB';
  end if;
  brackets := regexp_replace(plain, '[^][{}]+', '', 'g');
  if segmentd_internal.json_depth(translate(brackets, '[]', '')) > 20 or segmentd_internal.json_depth(translate(brackets, '[]', '{}')) > 61 then
    return 'nests operators more than 20 deep';
  end if;
  if length(brackets) - length(replace(brackets, '{', '')) > 500 then
    return 'has more than 500 operators';
  end if;
  return null;
end
$$;
comment on function segmentd_internal.condition_fault(jsonb) is 'What is wrong with the size of a condition, or null.';

-- Keys of the segments that a condition reads: the texts under in_segment, and the first argument of each word about
-- the past of a membership. A condition that is nested too deep reads none, because it is never
-- live. It runs with the rights of its owner: readers of segment_status may not use the schema that it names.
create or replace function segmentd_internal.segments_read(condition jsonb) returns text[]
language plpgsql immutable strict parallel safe security definer set search_path = pg_catalog, pg_temp
as $$
declare
  printed constant text := condition::text;
begin
  -- A condition with few brackets cannot be deep: most conditions end here.
  if length(printed) - length(translate(printed, '[{', '')) > 61 and segmentd_internal.condition_fault(condition) is not null then
    return '{}';
  end if;
  return array(
    select distinct r.value #>> '{}'
    from (values ('in_segment', '*'), ('member_for', '0'), ('entered_in_last', '0'), ('left_in_last', '0')) as word (name, place)
    cross join lateral jsonb_path_query(condition, format('$.**."%s"[%s] ? (@.type() == "string")', word.name, word.place)::jsonpath) r (value)
    where strpos(printed, word.name) > 0
    order by 1
  );
end
$$;
comment on function segmentd_internal.segments_read(jsonb) is 'Keys of the segments that a condition reads.';
