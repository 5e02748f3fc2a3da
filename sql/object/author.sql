-- after: segment-trigger
-- Who decided something and when is what the session says, not what a statement claims. A condition of the trigger keeps
-- the function out of the way of a million rows that say the truth by default.
create or replace function segmentd.author() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  -- What the worker turns into something else stays the decision of whoever took it.
  if not segmentd.is_worker() then
    new.created_by := session_user;
    new.created_at := clock_timestamp();
  end if;
  return new;
end
$$;
comment on function segmentd.author() is 'Writes down who decided and when.';

create or replace trigger override_author before insert or update on segmentd.override
  for each row when (new.created_by is distinct from session_user::text or new.created_at not between transaction_timestamp() and clock_timestamp())
  execute function segmentd.author();
