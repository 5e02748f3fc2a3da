-- Analysts use the schema segmentd. What only segmentd uses moves to segmentd_internal, which exists when this runs.
-- Views, triggers and SQL functions follow by number. PL/pgSQL functions name tables as text, so they are written again
-- here, in the same transaction: a write of the team finds the outbox before the move and after it.
--
-- A capture function that began before the move has the former names in its text and appends after the move. For it,
-- segmentd.change and what such a function calls go on under their former names. The next install drops these names: it
-- waits for the writers of each table, so no such function runs any more (src/capture/former-name.ts).
LOCK TABLE "segmentd"."segment", "segmentd"."override" IN SHARE ROW EXCLUSIVE MODE;--> statement-breakpoint
ALTER TABLE "segmentd"."audit" SET SCHEMA "segmentd_internal";--> statement-breakpoint
ALTER TABLE "segmentd"."build" SET SCHEMA "segmentd_internal";--> statement-breakpoint
ALTER TABLE "segmentd"."catalogue" SET SCHEMA "segmentd_internal";--> statement-breakpoint
ALTER TABLE "segmentd"."change" SET SCHEMA "segmentd_internal";--> statement-breakpoint
ALTER TABLE "segmentd"."clock" SET SCHEMA "segmentd_internal";--> statement-breakpoint
ALTER TABLE "segmentd"."column_grant" SET SCHEMA "segmentd_internal";--> statement-breakpoint
ALTER TABLE "segmentd"."edge" SET SCHEMA "segmentd_internal";--> statement-breakpoint
ALTER TABLE "segmentd"."export_change" SET SCHEMA "segmentd_internal";--> statement-breakpoint
ALTER TABLE "segmentd"."export_delta" SET SCHEMA "segmentd_internal";--> statement-breakpoint
ALTER TABLE "segmentd"."export_run" SET SCHEMA "segmentd_internal";--> statement-breakpoint
ALTER TABLE "segmentd"."feed_consumer" SET SCHEMA "segmentd_internal";--> statement-breakpoint
ALTER TABLE "segmentd"."installation" SET SCHEMA "segmentd_internal";--> statement-breakpoint
ALTER TABLE "segmentd"."key_change" SET SCHEMA "segmentd_internal";--> statement-breakpoint
ALTER TABLE "segmentd"."member_count" SET SCHEMA "segmentd_internal";--> statement-breakpoint
ALTER TABLE "segmentd"."migration" SET SCHEMA "segmentd_internal";--> statement-breakpoint
ALTER TABLE "segmentd"."object_file" SET SCHEMA "segmentd_internal";--> statement-breakpoint
ALTER TABLE "segmentd"."rebuild_request" SET SCHEMA "segmentd_internal";--> statement-breakpoint
ALTER TABLE "segmentd"."recheck" SET SCHEMA "segmentd_internal";--> statement-breakpoint
ALTER TABLE "segmentd"."schedule" SET SCHEMA "segmentd_internal";--> statement-breakpoint
ALTER TABLE "segmentd"."segment_edge" SET SCHEMA "segmentd_internal";--> statement-breakpoint
ALTER TABLE "segmentd"."source" SET SCHEMA "segmentd_internal";--> statement-breakpoint
ALTER TABLE "segmentd"."source_column" SET SCHEMA "segmentd_internal";--> statement-breakpoint
ALTER TABLE "segmentd"."stage" SET SCHEMA "segmentd_internal";--> statement-breakpoint
ALTER TABLE "segmentd"."stage_chunk" SET SCHEMA "segmentd_internal";--> statement-breakpoint
ALTER TABLE "segmentd"."trouble" SET SCHEMA "segmentd_internal";--> statement-breakpoint
ALTER TABLE "segmentd"."worker" SET SCHEMA "segmentd_internal";--> statement-breakpoint
CREATE DOMAIN "segmentd_internal"."captured_key" AS "segmentd"."contact_key";--> statement-breakpoint
DO $$
DECLARE
  one text;
BEGIN
  FOR one IN
    SELECT format('ALTER TABLE %s SET SCHEMA segmentd_internal', h.inhrelid::regclass)
    FROM pg_catalog.pg_inherits h WHERE h.inhparent = 'segmentd.membership_event'::regclass
    UNION ALL
    SELECT format('ALTER ROUTINE %s SET SCHEMA segmentd_internal', p.oid::regprocedure)
    FROM pg_catalog.pg_proc p
    WHERE p.pronamespace = 'segmentd'::regnamespace AND (p.proname ~ '^capture_[0-9]+_' OR p.proname = any ('{
      author, clock, condition_fault, doorbell, events_reach, hand_over, is_followed, is_worker, json_depth,
      link_shard, open_event_months, override_truncate, override_written, prune_events, request_before,
      segment_after, segment_before, segment_delete, segment_in_use, segment_truncate, segments_read, shard, slot}'))
  LOOP
    EXECUTE one;
  END LOOP;
  FOR one IN
    SELECT pg_catalog.pg_get_functiondef(p.oid)
    FROM pg_catalog.pg_proc p
    JOIN pg_catalog.pg_language l ON l.oid = p.prolang AND l.lanname = 'plpgsql'
    WHERE p.pronamespace = 'segmentd_internal'::regnamespace
  LOOP
    EXECUTE regexp_replace(one, '\msegmentd\.(?=(audit|author|build|catalogue|change|clock|column_grant|condition_fault|doorbell|edge|events_reach|export_change|export_delta|export_run|feed_consumer|hand_over|installation|is_followed|is_worker|json_depth|key_change|key_change_id_seq|link_shard|member_count|membership_event_rest|migration|object_file|open_event_months|override_truncate|override_written|prune_events|rebuild_request|rebuild_request_id_seq|recheck|request_before|schedule|segment_after|segment_before|segment_delete|segment_edge|segment_in_use|segment_truncate|segments_read|shard|slot|source|source_column|stage|stage_chunk|trouble|worker)\M|%I|'' \|\|)', 'segmentd_internal.', 'g');
  END LOOP;
END
$$;--> statement-breakpoint
DO $$
DECLARE
  owner constant regrole := (SELECT c.relowner FROM pg_catalog.pg_class c WHERE c.oid = 'segmentd_internal.change'::regclass);
  last constant bigint := (SELECT s.last_value FROM segmentd_internal.key_change_id_seq s);
  one text;
BEGIN
  IF NOT EXISTS (
    SELECT FROM pg_catalog.pg_proc p WHERE p.pronamespace = 'segmentd_internal'::regnamespace AND p.proname ~ '^capture_[0-9]+_'
  ) THEN
    RETURN;
  END IF;
  CREATE VIEW segmentd.change AS
    SELECT c.shard, c.source, c.contact_id, c.link, c.mask, c.edge, c.xid, c.origin FROM segmentd_internal.change c;
  CREATE VIEW segmentd.key_change AS
    SELECT k.id, k.old_key, k.new_key, k.at FROM segmentd_internal.key_change k;
  -- Keys move in the order of their numbers. The functions that use the former name began first.
  EXECUTE format('CREATE SEQUENCE segmentd.key_change_id_seq START %s', last + 1);
  PERFORM setval('segmentd_internal.key_change_id_seq', last + 1099511627776);
  CREATE FUNCTION segmentd.shard(key text) RETURNS smallint LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN segmentd_internal.shard(key);
  CREATE FUNCTION segmentd.link_shard(link text) RETURNS smallint LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN segmentd_internal.link_shard(link);
  CREATE FUNCTION segmentd.doorbell() RETURNS boolean LANGUAGE sql VOLATILE
    RETURN segmentd_internal.doorbell();
  FOREACH one IN ARRAY ARRAY['VIEW segmentd.change', 'VIEW segmentd.key_change', 'SEQUENCE segmentd.key_change_id_seq',
    'FUNCTION segmentd.shard(text)', 'FUNCTION segmentd.link_shard(text)', 'FUNCTION segmentd.doorbell()'] LOOP
    EXECUTE format('COMMENT ON %s IS %L', one, 'A former name, for writes that began before an update. The next segmentd install drops it.');
    EXECUTE format('ALTER %s OWNER TO %s', one, owner);
  END LOOP;
END
$$;
