-- after: segment-trigger
-- Author and time of an override come from the session, not from the statement. The trigger's condition skips rows
-- whose defaults are right already, so a million of them do not call the function.
create or replace function segmentd.author() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  -- A row that the worker rewrites keeps its author.
  if not segmentd.is_worker() then
    new.created_by := session_user;
    new.created_at := clock_timestamp();
  end if;
  return new;
end
$$;
comment on function segmentd.author() is 'Sets the author and the time of an override.';

create or replace trigger override_author before insert or update on segmentd.override
  for each row when (new.created_by is distinct from session_user::text or new.created_at not between transaction_timestamp() and clock_timestamp())
  execute function segmentd.author();
