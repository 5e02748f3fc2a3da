-- after: author, clock, condition-limit, doorbell, event-month, hand-over, history-view, json-instant, move-decisions, segment-trigger, segment-state, segment-view, shard, override-trigger
-- always
-- Four roles that cannot log in: grant them to roles that do. Roles belong to the server, not to the database, and not
-- every role may create one. Without them everything else works, and `doctor` prints the commands. The table below has
-- all their rights in this schema. `install` lets the worker and the editor read the team's tables; none of the roles
-- may write them.
do $$
declare
  role name;
begin
  foreach role in array array['segmentd_owner', 'segmentd_worker', 'segmentd_editor', 'segmentd_reader'] loop
    continue when exists (select from pg_catalog.pg_roles r where r.rolname = role);
    begin
      execute format('create role %I nologin', role);
      -- A role that is no superuser but creates roles does not own their objects by that.
      if role = 'segmentd_owner' and not (select r.rolsuper from pg_catalog.pg_roles r where r.rolname = current_user) then
        execute format('grant %I to current_user', role);
      end if;
    exception
      when insufficient_privilege or duplicate_object or unique_violation then null;
    end;
  end loop;
end
$$;

do $$
declare
  role name;
  line record;
begin
  -- By default every role may run a function; some of these run with the rights of their owner.
  revoke all on all functions in schema segmentd from public;
  -- The team may index these, and every writer of its table then runs them.
  grant execute on function segmentd.json_date(text), segmentd.json_instant(text) to public;
  -- Pure functions, used by views and statements of every role that may read the tables.
  grant execute on function segmentd.json_depth(text), segmentd.condition_fault(jsonb), segmentd.segments_read(jsonb), segmentd.is_followed(text) to public;
  -- The owner keeps all rights.
  for role in select r.rolname from pg_catalog.pg_roles r where r.rolname = any ('{segmentd_worker,segmentd_editor,segmentd_reader}') loop
    execute format('revoke all on schema segmentd from %I', role);
    execute format('revoke all on all tables in schema segmentd from %I', role);
    execute format('revoke all on all sequences in schema segmentd from %I', role);
    execute format('revoke all on all functions in schema segmentd from %I', role);
  end loop;
  for line in
    select w.role, w.rights, w.kind, w.object
    from (values
      -- For migrate, install, forget and repairs; the last statement of this file gives it the objects of the schema.
      ('segmentd_owner', 'all', 'schema', '{segmentd}'::text[]),
      ('segmentd_owner', 'all', 'all tables in schema', '{segmentd}'),
      ('segmentd_owner', 'all', 'all sequences in schema', '{segmentd}'),
      ('segmentd_owner', 'all', 'all functions in schema', '{segmentd}'),
      -- `segmentd run`.
      ('segmentd_worker', 'usage', 'schema', '{segmentd}'),
      ('segmentd_worker', 'select', 'all tables in schema', '{segmentd}'),
      ('segmentd_worker', 'insert, update, delete', 'table', '{audit,build,change,edge,export_change,export_delta,export_run,key_change,member_count,membership,rebuild_request,recheck,schedule,segment_edge,segment_version,trouble,override,worker}'),
      ('segmentd_worker', 'insert', 'table', '{membership_event}'),
      ('segmentd_worker', 'insert, delete, truncate', 'table', '{stage,stage_chunk}'),
      ('segmentd_worker', 'update', 'table', '{clock,installation,segment,source}'),
      ('segmentd_worker', 'execute', 'function', '{clock(),instant(),"shard(text)",slot(int),doorbell(),"members_as_of(text, timestamptz)",events_reach(timestamptz),segment_exists(text),open_event_months(timestamptz),prune_events(int)}'),
      -- Segments by SQL and by the command line, exports, schedules. Editors may not write the worker's columns.
      ('segmentd_editor', 'usage', 'schema', '{segmentd}'),
      ('segmentd_editor', 'select', 'all tables in schema', '{segmentd}'),
      ('segmentd_editor', 'insert (key, name, description, kind, condition, timezone, tags, wanted_state, confirmed_version)', 'table', '{segment}'),
      ('segmentd_editor', 'update (name, description, kind, condition, timezone, tags, wanted_state, confirmed_version)', 'table', '{segment}'),
      ('segmentd_editor', 'delete', 'table', '{segment}'),
      ('segmentd_editor', 'insert', 'table', '{rebuild_request}'),
      ('segmentd_editor', 'insert, update, delete', 'table', '{export_change,export_delta,export_run,feed_consumer,schedule,override}'),
      ('segmentd_editor', 'execute', 'function', '{clock(),instant(),"shard(text)",slot(int),doorbell(),"members_as_of(text, timestamptz)",events_reach(timestamptz),segment_exists(text),"move_decisions(segmentd.contact_key, segmentd.contact_key)"}'),
      -- Analysts.
      ('segmentd_reader', 'usage', 'schema', '{segmentd}'),
      ('segmentd_reader', 'select', 'table', '{catalogue,segment,segment_version,override,membership,membership_event,segment_status,member,membership_period,segment_size}'),
      ('segmentd_reader', 'execute', 'function', '{"members_as_of(text, timestamptz)",events_reach(timestamptz),segment_exists(text)}')
    ) as w(role, rights, kind, object)
    join pg_catalog.pg_roles r on r.rolname = w.role
  loop
    execute format(
      'grant %s on %s %s to %I', line.rights, line.kind,
      case when line.object = '{segmentd}' then 'segmentd' else (select string_agg('segmentd.' || o.name, ', ') from unnest(line.object) as o(name)) end,
      line.role
    );
  end loop;
end
$$;

select segmentd.hand_over();
