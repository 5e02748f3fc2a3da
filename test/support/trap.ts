/**
 * What anybody who may create objects in `public` can lay in wait there: every function and operator of Postgres once more, also for
 * varchar where Postgres has one for text, and aggregates, domains and types of its names and of ours. Each writes down in
 * `public.trap` that it was called. In a transaction that is read only the call fails instead.
 */
import type { TestDatabase } from './database.ts';

const TRAP = `
  create table public.trap (called text, by text default session_user, at text default current_query());
  grant all on public.trap to public;
  create function public.spring(called text) returns boolean language plpgsql as $$ begin insert into public.trap (called) values ($1); return true; end $$`;

/** Functions: with the same arguments, and with varchar for text. Whatever Postgres refuses is left out. */
const FUNCTIONS = `
  do $do$
  declare
    one record;
  begin
    set local check_function_bodies = off;
    for one in
      select distinct p.proname, v.arguments, p.prorettype::regtype::text as result, p.proretset
      from pg_catalog.pg_proc p
      cross join lateral (
        select string_agg(case when w.wide and t.oid = 'text'::regtype then 'character varying' else t.oid::regtype::text end, ', ' order by a.at) as arguments
        from (values (false), (true)) as w(wide), unnest(p.proargtypes::oid[]) with ordinality as a(type, at) join pg_catalog.pg_type t on t.oid = a.type
        group by w.wide
      ) v
      where p.pronamespace = 'pg_catalog'::regnamespace and p.prokind = 'f' and v.arguments is not null
        and p.prorettype <> all (array['internal', 'trigger', 'event_trigger', 'language_handler', 'cstring']::regtype[])
    loop
      begin
        execute format('create function public.%I (%s) returns %s%s language plpgsql as %L', one.proname, one.arguments, case when one.proretset then 'setof ' else '' end, one.result,
          format('begin perform public.spring(%L); return%s; end', one.proname, case when one.proretset then '' else ' null' end));
      exception when others then null;
      end;
    end loop;
  end
  $do$`;

/** Functions without arguments are few, and those that give back a set of columns none of ours. */
const NULLARY = `
  do $do$
  declare
    one record;
  begin
    set local check_function_bodies = off;
    for one in
      select p.proname, p.prorettype::regtype::text as result from pg_catalog.pg_proc p
      where p.pronamespace = 'pg_catalog'::regnamespace and p.prokind = 'f' and p.pronargs = 0 and not p.proretset
    loop
      begin
        execute format('create function public.%I () returns %s language plpgsql as %L', one.proname, one.result, format('begin perform public.spring(%L); return null; end', one.proname));
      exception when others then null;
      end;
    end loop;
  end
  $do$`;

const OPERATORS = `
  do $do$
  declare
    one record;
  begin
    set local check_function_bodies = off;
    for one in
      select distinct o.oprname, o.oprresult::regtype::text as result,
        case when w.wide and o.oprleft = 'text'::regtype then 'character varying' else o.oprleft::regtype::text end as arg_left,
        case when o.oprright = 'text'::regtype and w.side then 'character varying' else o.oprright::regtype::text end as arg_right
      from pg_catalog.pg_operator o, (values (false, false), (true, false), (true, true), (false, true)) as w(wide, side)
      where o.oprnamespace = 'pg_catalog'::regnamespace and o.oprleft <> 0
    loop
      begin
        execute format('create or replace function public.sprung (%s, %s) returns %s language plpgsql as %L', one.arg_left, one.arg_right, one.result,
          format('begin perform public.spring(%L); return null; end', 'operator ' || one.oprname));
        execute format('create operator public.%s (leftarg = %s, rightarg = %s, function = public.sprung)', one.oprname, one.arg_left, one.arg_right);
      exception when others then null;
      end;
    end loop;
  end
  $do$`;

const OTHERS = `
  create function public.trap_count(bigint) returns bigint language plpgsql as $$ begin perform public.spring('count'); return 1; end $$;
  create aggregate public.count(*) (sfunc = public.trap_count, stype = bigint);
  create function public.trap_sum(numeric, numeric) returns numeric language plpgsql as $$ begin perform public.spring('sum'); return 1; end $$;
  create aggregate public.sum(numeric) (sfunc = public.trap_sum, stype = numeric);
  create function public.trap_text(text, text) returns text language plpgsql as $$ begin perform public.spring('max'); return 'x'; end $$;
  create aggregate public.max(text) (sfunc = public.trap_text, stype = text);
  create function public.sprung_two(text, text, text) returns text language plpgsql as $$ begin perform public.spring('string_agg'); return 'x'; end $$;
  create aggregate public.string_agg(text, text) (sfunc = public.sprung_two, stype = text);
  create domain public.text as pg_catalog.text check (public.spring('domain text'));
  create domain public.int4 as pg_catalog.int4 check (public.spring('domain int4'));
  create domain public.int8 as pg_catalog.int8 check (public.spring('domain int8'));
  create domain public.timestamptz as pg_catalog.timestamptz check (public.spring('domain timestamptz'));
  create domain public.jsonb as pg_catalog.jsonb check (public.spring('domain jsonb'));
  create domain public.uuid as pg_catalog.uuid check (public.spring('domain uuid'));
  create domain public.contact_key as pg_catalog.int8 check (public.spring('domain contact_key'));
  create type public.regclass as (x pg_catalog.int4);
  create function public.regclass_of(public.regclass) returns pg_catalog.text language plpgsql as $$ begin perform public.spring('cast'); return 'x'; end $$;
  create cast (public.regclass as pg_catalog.text) with function public.regclass_of(public.regclass) as implicit;
  create table public.membership (segment_id pg_catalog.int4, contact_id pg_catalog.int8);
  create view public.pg_class as select c.oid from pg_catalog.pg_class c where public.spring('view pg_class');
  create view public.pg_settings as select s.name, s.setting from pg_catalog.pg_settings s where public.spring('view pg_settings')`;

/** Sets the traps as a role that may create in `public` and nothing else. Returns how many functions and operators there are. */
export async function setTraps(database: TestDatabase, attacker: string): Promise<number> {
  const client = await database.pool.connect();
  try {
    await client.query(
      `grant usage, create on schema public to ${attacker}; set role ${attacker}; set search_path = pg_catalog`,
    );
    for (const text of [TRAP, FUNCTIONS, NULLARY, OPERATORS, OTHERS]) await client.query(text);
    const { rows } = await client.query<{ set: number }>(
      `select ((select count(*) from pg_catalog.pg_proc p where p.pronamespace = 'public'::regnamespace) + (select count(*) from pg_catalog.pg_operator o where o.oprnamespace = 'public'::regnamespace))::int as set`,
    );
    return rows[0]?.set ?? 0;
  } finally {
    client.release(true);
  }
}
