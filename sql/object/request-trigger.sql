-- Notes with each rebuild request as of when the members were exact before: the changes that the rebuild brings in were committed later.
create or replace function segmentd_internal.request_before() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
begin
  new.as_of := (select i.rows_as_of from segmentd_internal.installation i);
  return new;
end
$$;
comment on function segmentd_internal.request_before() is 'Notes as of when the members were exact before the request.';

create or replace trigger request_before before insert on segmentd_internal.rebuild_request
  for each row execute function segmentd_internal.request_before();
