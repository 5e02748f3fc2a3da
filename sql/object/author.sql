-- after: segment-trigger
-- Author, person and time of an override come from the session, not from the statement. The trigger's condition skips rows
-- whose defaults are right already, so a million of them do not call the function.
create or replace function segmentd_internal.author() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  -- A row that the worker rewrites keeps its author.
  if not segmentd_internal.is_worker() then
    new.created_by := session_user;
    new.actor := nullif(current_setting('segmentd.actor', true), '');
    new.created_at := clock_timestamp();
  end if;
  return new;
end
$$;
comment on function segmentd_internal.author() is 'Sets the author, the person and the time of an override.';

create or replace trigger override_author before insert or update on segmentd.override
  for each row when (new.created_by is distinct from session_user::text or new.actor is distinct from nullif(current_setting('segmentd.actor', true), '') or new.created_at not between transaction_timestamp() and clock_timestamp())
  execute function segmentd_internal.author();
