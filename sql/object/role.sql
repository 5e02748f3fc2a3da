-- after: action-log, author, catalogue-view, clock, condition-limit, doorbell, event-month, hand-over, history-view, json-instant, move-decisions, segment-trigger, segment-state, segment-view, shard, size-day, size-view, override-trigger, page-hint, rank-view, text-value
-- always
-- Five roles that cannot log in: grant them to roles that do. Roles belong to the server, not to the database, and not
-- every role may create one. Without them everything else works, and `doctor` prints the commands. The table below has
-- all their rights in our schemas. `install` lets the worker, the editor and the viewer read the team's tables; none of the roles
-- may write them.
do $$
declare
  role name;
  -- Whether a member may act under the role; before Postgres 16 every member may.
  acts constant text := case when current_setting('server_version_num')::int >= 160000 then 'set' else 'member' end;
begin
  foreach role in array array['segmentd_owner', 'segmentd_worker', 'segmentd_editor', 'segmentd_viewer', 'segmentd_reader'] loop
    continue when exists (select from pg_catalog.pg_roles r where r.rolname = role);
    begin
      execute format('create role %I nologin', role);
    exception
      when insufficient_privilege or duplicate_object or unique_violation then null;
    end;
  end loop;
  -- A role that is no superuser but creates roles does not own their objects by that, nor may it act under them. `segmentd serve` acts
  -- under the role of each person.
  if not (select r.rolsuper from pg_catalog.pg_roles r where r.rolname = current_user) then
    foreach role in array array['segmentd_owner', 'segmentd_editor', 'segmentd_viewer'] loop
      continue when not exists (select from pg_catalog.pg_roles r where r.rolname = role);
      continue when pg_has_role(current_user, role, acts);
      begin
        execute format('grant %I to current_user', role);
      exception
        when insufficient_privilege or duplicate_object or unique_violation then null;
      end;
    end loop;
  end if;
end
$$;

do $$
declare
  role name;
  line record;
begin
  -- By default every role may run a function; some of these run with the rights of their owner.
  revoke all on all functions in schema segmentd, segmentd_internal from public;
  -- The team may index these, and every writer of its table then runs them.
  grant execute on function segmentd.json_date(text), segmentd.json_instant(text), segmentd.text_number(text), segmentd.text_timestamp(text, text) to public;
  -- Pure functions, used by views and statements of every role that may read the tables.
  grant execute on function segmentd_internal.json_depth(text), segmentd_internal.condition_fault(jsonb), segmentd_internal.segments_read(jsonb), segmentd_internal.events_needed(jsonb), segmentd_internal.is_followed(text) to public;
  -- The owner keeps all rights.
  for role in select r.rolname from pg_catalog.pg_roles r where r.rolname = any ('{segmentd_worker,segmentd_editor,segmentd_viewer,segmentd_reader}') loop
    execute format('revoke all on schema segmentd, segmentd_internal from %I', role);
    execute format('revoke all on all tables in schema segmentd, segmentd_internal from %I', role);
    execute format('revoke all on all sequences in schema segmentd, segmentd_internal from %I', role);
    execute format('revoke all on all functions in schema segmentd, segmentd_internal from %I', role);
  end loop;
  for line in
    select w.role, w.rights, w.kind, w.place, w.object
    from (values
      -- For migrate, install, forget and repairs; the last statement of this file gives it the objects of the schemas.
      ('segmentd_owner', 'all', 'schema', 'segmentd', null::text[]),
      ('segmentd_owner', 'all', 'schema', 'segmentd_internal', null),
      ('segmentd_owner', 'all', 'all tables in schema', 'segmentd', null),
      ('segmentd_owner', 'all', 'all tables in schema', 'segmentd_internal', null),
      ('segmentd_owner', 'all', 'all sequences in schema', 'segmentd', null),
      ('segmentd_owner', 'all', 'all sequences in schema', 'segmentd_internal', null),
      ('segmentd_owner', 'all', 'all functions in schema', 'segmentd', null),
      ('segmentd_owner', 'all', 'all functions in schema', 'segmentd_internal', null),
      -- `segmentd run`.
      ('segmentd_worker', 'usage', 'schema', 'segmentd', null),
      ('segmentd_worker', 'usage', 'schema', 'segmentd_internal', null),
      ('segmentd_worker', 'select', 'all tables in schema', 'segmentd', null),
      ('segmentd_worker', 'select', 'all tables in schema', 'segmentd_internal', null),
      ('segmentd_worker', 'insert, update, delete', 'table', 'segmentd', '{contact_rank,membership,override,segment_version}'),
      ('segmentd_worker', 'insert', 'table', 'segmentd', '{membership_event}'),
      ('segmentd_worker', 'update', 'table', 'segmentd', '{segment}'),
      ('segmentd_worker', 'insert, update, delete', 'table', 'segmentd_internal', '{audit,build,change,edge,export_change,export_delta,export_run,key_change,member_count,page_hint,rank,rebuild_request,recheck,schedule,segment_edge,trouble,worker}'),
      ('segmentd_worker', 'insert, delete, truncate', 'table', 'segmentd_internal', '{stage,stage_chunk}'),
      ('segmentd_worker', 'update', 'table', 'segmentd_internal', '{clock,installation,source}'),
      ('segmentd_worker', 'execute', 'function', 'segmentd', '{instant(),"members_as_of(text, timestamptz)","size_at(text, timestamptz)","size_series(text, date, date)",segment_exists(text)}'),
      ('segmentd_worker', 'execute', 'function', 'segmentd_internal', '{clock(),"shard(text)",slot(int),doorbell(),events_reach(timestamptz),open_event_months(timestamptz),prune_events(int),prune_actions(int),fold_size_days(int)}'),
      -- Segments by SQL and by the command line, exports, schedules. Editors may not write the worker's columns.
      ('segmentd_editor', 'usage', 'schema', 'segmentd', null),
      ('segmentd_editor', 'usage', 'schema', 'segmentd_internal', null),
      ('segmentd_editor', 'select', 'all tables in schema', 'segmentd', null),
      ('segmentd_editor', 'select', 'all tables in schema', 'segmentd_internal', null),
      ('segmentd_editor', 'insert (key, name, description, kind, condition, timezone, tags, wanted_state, confirmed_version)', 'table', 'segmentd', '{segment}'),
      ('segmentd_editor', 'update (name, description, kind, condition, timezone, tags, wanted_state, confirmed_version)', 'table', 'segmentd', '{segment}'),
      ('segmentd_editor', 'delete', 'table', 'segmentd', '{segment}'),
      ('segmentd_editor', 'insert, update, delete', 'table', 'segmentd', '{override}'),
      ('segmentd_editor', 'insert', 'table', 'segmentd_internal', '{rebuild_request}'),
      ('segmentd_editor', 'insert (name, asked_at, asked)', 'table', 'segmentd_internal', '{rank}'),
      ('segmentd_editor', 'update (asked_at, asked)', 'table', 'segmentd_internal', '{rank}'),
      ('segmentd_editor', 'insert, update, delete', 'table', 'segmentd_internal', '{export_change,export_delta,export_run,feed_consumer,schedule}'),
      ('segmentd_editor', 'execute', 'function', 'segmentd', '{instant(),"members_as_of(text, timestamptz)","size_at(text, timestamptz)","size_series(text, date, date)",segment_exists(text),"move_decisions(segmentd.contact_key, segmentd.contact_key)"}'),
      ('segmentd_editor', 'execute', 'function', 'segmentd_internal', '{clock(),"shard(text)",slot(int),doorbell(),events_reach(timestamptz),"note_action(text, text, segmentd.contact_key, jsonb)"}'),
      -- Persons who look, over HTTP: what segmentd_reader reads, and what the API shows besides. They write an entry of the action log, and nothing else.
      ('segmentd_viewer', 'usage', 'schema', 'segmentd', null),
      ('segmentd_viewer', 'usage', 'schema', 'segmentd_internal', null),
      ('segmentd_viewer', 'select', 'table', 'segmentd', '{segment,segment_version,override,membership,membership_event,segment_status,member,member_event,membership_period,segment_size,catalogue,contact_rank,rank_status}'),
      ('segmentd_viewer', 'select', 'table', 'segmentd_internal', '{audit,build,catalogue,change,clock,day_change,edge,export_delta,export_run,installation,member_count,migration,rank,rebuild_request,recheck,schedule,segment_edge,size_day,source,source_column,trouble,worker}'),
      ('segmentd_viewer', 'execute', 'function', 'segmentd', '{instant(),"members_as_of(text, timestamptz)","size_at(text, timestamptz)","size_series(text, date, date)",segment_exists(text)}'),
      ('segmentd_viewer', 'execute', 'function', 'segmentd_internal', '{clock(),"shard(text)",events_reach(timestamptz),"note_action(text, text, segmentd.contact_key, jsonb)"}'),
      -- Analysts. members_as_of calls events_reach, which they may not name: they have no right to use its schema.
      ('segmentd_reader', 'usage', 'schema', 'segmentd', null),
      ('segmentd_reader', 'select', 'table', 'segmentd', '{segment,segment_version,override,membership,membership_event,segment_status,member,member_event,membership_period,segment_size,catalogue,contact_rank,rank_status}'),
      ('segmentd_reader', 'execute', 'function', 'segmentd', '{"members_as_of(text, timestamptz)","size_at(text, timestamptz)","size_series(text, date, date)",segment_exists(text)}'),
      ('segmentd_reader', 'execute', 'function', 'segmentd_internal', '{events_reach(timestamptz)}')
    ) as w(role, rights, kind, place, object)
    join pg_catalog.pg_roles r on r.rolname = w.role
  loop
    execute format(
      'grant %s on %s %s to %I', line.rights, line.kind,
      coalesce((select string_agg(line.place || '.' || o.name, ', ') from unnest(line.object) as o(name)), line.place),
      line.role
    );
  end loop;
  -- Hashes of tokens and sessions, and stored answers, are for the login of `segmentd serve` alone, which is a member of the owner. So is what persons did.
  for role in select r.rolname from pg_catalog.pg_roles r where r.rolname = any ('{segmentd_worker,segmentd_editor}') loop
    execute format('revoke all on table segmentd_internal.api_token, segmentd_internal.web_session, segmentd_internal.repeatable_request, segmentd_internal.action_log from %I', role);
    -- The worker prunes stored answers.
    if role = 'segmentd_worker' then
      grant delete, select (created_at) on segmentd_internal.repeatable_request to segmentd_worker;
    end if;
  end loop;
end
$$;

select segmentd_internal.hand_over();
