-- Gives every object in our schemas to segmentd_owner, so that each member of that role can change it later: Postgres
-- lets only owners do that. It gives all objects or none, because a function with the rights of one owner does not fit
-- the tables of another. Only a superuser or a member of the role may do this; otherwise objects stay with their
-- creators. The wait for a table is short, because writers of the team would queue behind it. The next migrate tries
-- again.
create or replace function segmentd_internal.hand_over() returns boolean
language plpgsql set search_path = pg_catalog, pg_temp set lock_timeout = '200ms'
as $$
declare
  owner constant oid := (select r.oid from pg_roles r where r.rolname = 'segmentd_owner');
  command text;
begin
  if owner is null or not pg_has_role(current_user, owner, 'member') then
    return false;
  end if;
  for command in
    select format('alter schema %I owner to segmentd_owner', n.nspname) from pg_namespace n
    where n.nspname in ('segmentd', 'segmentd_internal', 'segmentd_queue') and n.nspowner <> owner
    union all
    select format('alter %s %s owner to segmentd_owner', case c.relkind when 'v' then 'view' when 'S' then 'sequence' else 'table' end, c.oid::regclass)
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where n.nspname in ('segmentd', 'segmentd_internal', 'segmentd_queue') and c.relkind in ('r', 'p', 'v', 'S') and c.relowner <> owner
      -- A sequence of a column changes its owner with its table.
      and not exists (select from pg_depend d where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype in ('a', 'i') and d.refobjsubid > 0)
    union all
    select format('alter routine %s owner to segmentd_owner', p.oid::regprocedure) from pg_proc p join pg_namespace n on n.oid = p.pronamespace
    where n.nspname in ('segmentd', 'segmentd_internal', 'segmentd_queue') and p.proowner <> owner
    union all
    select format('alter %s %s owner to segmentd_owner', case t.typtype when 'd' then 'domain' else 'type' end, t.oid::regtype)
    from pg_type t join pg_namespace n on n.oid = t.typnamespace
    where n.nspname in ('segmentd', 'segmentd_internal', 'segmentd_queue') and t.typowner <> owner and t.typtype in ('d', 'e', 'r')
  loop
    execute command;
  end loop;
  return true;
exception
  when insufficient_privilege or lock_not_available or deadlock_detected then return false;
end
$$;
comment on function segmentd_internal.hand_over() is 'Gives every object in the schemas of segmentd to the role segmentd_owner, when the caller may do so.';
