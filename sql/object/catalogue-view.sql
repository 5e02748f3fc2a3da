-- The published catalogues for everybody who reads segments: the command line needs one to read a contact's key and to
-- name fields.
create or replace view segmentd.catalogue as
select c.id, c.config, c.published_at, c.published_by from segmentd_internal.catalogue c;

comment on view segmentd.catalogue is 'The published catalogue: how segmentd reads your tables. The newest row counts; segmentd install writes it.';
comment on column segmentd.catalogue.id is 'Number of the publication; the highest counts.';
comment on column segmentd.catalogue.config is 'The config file without its settings.';
comment on column segmentd.catalogue.published_at is 'When it was published.';
comment on column segmentd.catalogue.published_by is 'Role that published it.';
