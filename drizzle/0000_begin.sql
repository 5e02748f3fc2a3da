CREATE SCHEMA IF NOT EXISTS "segmentd";
--> statement-breakpoint
CREATE TABLE "segmentd"."audit" (
	"one" boolean PRIMARY KEY DEFAULT true NOT NULL CHECK ("one"),
	"position" "segmentd"."contact_key",
	"started_at" timestamptz,
	"checked" bigint DEFAULT 0 NOT NULL,
	"finished_at" timestamptz,
	"total" bigint,
	"next_at" timestamptz DEFAULT '-infinity' NOT NULL,
	"chunk" integer DEFAULT 1000 NOT NULL,
	"differences" bigint DEFAULT 0 NOT NULL,
	"differed_at" timestamptz,
	"verified_at" timestamptz,
	"verify_differences" bigint
);
--> statement-breakpoint
CREATE TABLE "segmentd"."build" (
	"segment_id" integer PRIMARY KEY NOT NULL,
	"epoch" integer DEFAULT 0 NOT NULL,
	"version" integer,
	"reason" text,
	"owner" text,
	"lease_until" timestamptz,
	"phase" text,
	"done" bigint DEFAULT 0 NOT NULL,
	"total" bigint DEFAULT 0 NOT NULL,
	"started_at" timestamptz,
	"finished_at" timestamptz
);
--> statement-breakpoint
CREATE TABLE "segmentd"."change" (
	"shard" smallint NOT NULL,
	"source" smallint NOT NULL,
	"contact_id" "segmentd"."contact_key",
	"link" text,
	"mask" bigint,
	"edge" integer,
	"xid" xid8 DEFAULT pg_current_xact_id() NOT NULL,
	"origin" xid8
);
--> statement-breakpoint
CREATE TABLE "segmentd"."clock" (
	"one" boolean PRIMARY KEY DEFAULT true NOT NULL CHECK ("one"),
	"high" timestamptz DEFAULT '-infinity' NOT NULL
);
--> statement-breakpoint
CREATE TABLE "segmentd"."edge" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "segmentd"."edge_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"key" text NOT NULL,
	"source" smallint NOT NULL,
	"definition" jsonb NOT NULL,
	"watermark" timestamptz NOT NULL,
	"every" integer,
	CONSTRAINT "edge_key_unique" UNIQUE("key")
);
--> statement-breakpoint
CREATE TABLE "segmentd"."installation" (
	"one" boolean PRIMARY KEY DEFAULT true NOT NULL CHECK ("one"),
	"key_type" text NOT NULL,
	"doorbell" boolean DEFAULT true NOT NULL,
	"generation" bigint DEFAULT 0 NOT NULL,
	"fresh_as_of" timestamptz,
	"events_since" timestamptz
);
--> statement-breakpoint
CREATE TABLE "segmentd"."member_count" (
	"segment_id" integer NOT NULL,
	"shard" smallint NOT NULL,
	"members" bigint DEFAULT 0 NOT NULL,
	CONSTRAINT "member_count_segment_id_shard_pk" PRIMARY KEY("segment_id","shard")
);
--> statement-breakpoint
CREATE TABLE "segmentd"."membership" (
	"segment_id" integer NOT NULL,
	"contact_id" "segmentd"."contact_key" NOT NULL,
	"entered_at" timestamptz NOT NULL,
	CONSTRAINT "membership_segment_id_contact_id_pk" PRIMARY KEY("segment_id","contact_id")
);
--> statement-breakpoint
CREATE TABLE "segmentd"."membership_event" (
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "segmentd"."membership_event_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"segment_id" integer NOT NULL,
	"contact_id" "segmentd"."contact_key" NOT NULL,
	"kind" text NOT NULL,
	"reason" text NOT NULL,
	"version" integer NOT NULL,
	"at" timestamptz NOT NULL,
	"xid" xid8 DEFAULT pg_current_xact_id() NOT NULL,
	CONSTRAINT "membership_event_id_contact_id_at_pk" PRIMARY KEY("id","contact_id","at")
) PARTITION BY RANGE ("at");
--> statement-breakpoint
CREATE TABLE "segmentd"."membership_event_rest" PARTITION OF "segmentd"."membership_event" DEFAULT;
--> statement-breakpoint
CREATE TABLE "segmentd"."object_file" (
	"name" text PRIMARY KEY NOT NULL,
	"hash" text NOT NULL,
	"applied_at" timestamptz DEFAULT clock_timestamp() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "segmentd"."rebuild_request" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "segmentd"."rebuild_request_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"segment_id" integer NOT NULL,
	"reason" text NOT NULL,
	"requested_at" timestamptz DEFAULT clock_timestamp() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "segmentd"."recheck" (
	"shard" smallint NOT NULL,
	"segment_id" integer NOT NULL,
	"contact_id" "segmentd"."contact_key" NOT NULL,
	"reason" text NOT NULL,
	"epoch" integer,
	"origin" xid8 DEFAULT pg_current_xact_id() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "segmentd"."segment" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "segmentd"."segment_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"key" text NOT NULL,
	"name" text,
	"description" text,
	"kind" text DEFAULT 'dynamic' NOT NULL,
	"condition" jsonb,
	"timezone" text,
	"tags" text[] DEFAULT '{}' NOT NULL,
	"wanted_state" text DEFAULT 'live' NOT NULL,
	"state" text DEFAULT 'building' NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"live_version" integer,
	"error" jsonb,
	"frozen_at" timestamptz,
	"confirmed_version" integer,
	"deleted_at" timestamptz,
	"created_at" timestamptz DEFAULT clock_timestamp() NOT NULL,
	"updated_at" timestamptz DEFAULT clock_timestamp() NOT NULL,
	"updated_by" text DEFAULT session_user NOT NULL,
	CONSTRAINT "segment_key_unique" UNIQUE("key"),
	CONSTRAINT "segment_kind_known" CHECK ("segmentd"."segment"."kind" in ('dynamic', 'static', 'snapshot')),
	CONSTRAINT "segment_wanted_state_known" CHECK ("segmentd"."segment"."wanted_state" in ('live', 'paused', 'archived', 'deleted')),
	CONSTRAINT "segment_state_known" CHECK ("segmentd"."segment"."state" in ('building', 'live', 'held', 'paused', 'invalid', 'failed', 'archived', 'deleted')),
	CONSTRAINT "segment_key_plain" CHECK ("segmentd"."segment"."key" ~ '^[A-Za-z0-9][A-Za-z0-9_.-]{0,99}$')
);
--> statement-breakpoint
CREATE TABLE "segmentd"."segment_edge" (
	"segment_id" integer NOT NULL,
	"version" integer NOT NULL,
	"edge_id" integer NOT NULL,
	CONSTRAINT "segment_edge_segment_id_version_edge_id_pk" PRIMARY KEY("segment_id","version","edge_id")
);
--> statement-breakpoint
CREATE TABLE "segmentd"."segment_version" (
	"segment_id" integer NOT NULL,
	"version" integer NOT NULL,
	"kind" text DEFAULT 'dynamic' NOT NULL,
	"condition" jsonb,
	"timezone" text,
	"state" text DEFAULT 'proposed' NOT NULL,
	"error" jsonb,
	"created_at" timestamptz DEFAULT clock_timestamp() NOT NULL,
	"created_by" text DEFAULT session_user NOT NULL,
	CONSTRAINT "segment_version_segment_id_version_pk" PRIMARY KEY("segment_id","version")
);
--> statement-breakpoint
CREATE TABLE "segmentd"."source" (
	"id" smallint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "segmentd"."source_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 32767 START WITH 1 CACHE 1),
	"key" text NOT NULL,
	"schema_name" text NOT NULL,
	"table_name" text NOT NULL,
	"link_column" text NOT NULL,
	"link_type" text NOT NULL,
	"kind" text NOT NULL,
	"via_source" text,
	"via_column" text,
	"fingerprint" jsonb,
	"installed_at" timestamptz,
	CONSTRAINT "source_key_unique" UNIQUE("key")
);
--> statement-breakpoint
CREATE TABLE "segmentd"."source_column" (
	"source_id" smallint NOT NULL,
	"column_name" text NOT NULL,
	"bit" smallint NOT NULL,
	CONSTRAINT "source_column_source_id_column_name_pk" PRIMARY KEY("source_id","column_name")
);
--> statement-breakpoint
CREATE UNLOGGED TABLE "segmentd"."stage" (
	"segment_id" integer NOT NULL,
	"epoch" integer NOT NULL,
	"round" smallint NOT NULL,
	"contact_id" "segmentd"."contact_key" NOT NULL,
	"wanted" boolean NOT NULL
);
--> statement-breakpoint
CREATE TABLE "segmentd"."wish" (
	"segment_id" integer NOT NULL,
	"contact_id" "segmentd"."contact_key" NOT NULL,
	"kind" text NOT NULL,
	"note" text,
	"created_by" text DEFAULT session_user NOT NULL,
	"created_at" timestamptz DEFAULT clock_timestamp() NOT NULL,
	"expires_at" timestamptz,
	CONSTRAINT "wish_segment_id_contact_id_pk" PRIMARY KEY("segment_id","contact_id"),
	CONSTRAINT "wish_kind_known" CHECK ("segmentd"."wish"."kind" in ('member', 'include', 'exclude'))
);
--> statement-breakpoint
CREATE TABLE "segmentd"."export_change" (
	"delta_id" integer NOT NULL,
	"contact_id" "segmentd"."contact_key" NOT NULL,
	"change" text NOT NULL,
	"at" timestamptz NOT NULL,
	"reason" text NOT NULL,
	"version" integer NOT NULL,
	CONSTRAINT "export_change_delta_id_contact_id_pk" PRIMARY KEY("delta_id","contact_id")
);
--> statement-breakpoint
CREATE TABLE "segmentd"."export_delta" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "segmentd"."export_delta_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"segment_id" integer NOT NULL,
	"name" text NOT NULL,
	"number" integer DEFAULT 0 NOT NULL,
	"snapshot" pg_snapshot,
	"as_of" timestamptz,
	"pending_snapshot" pg_snapshot,
	"pending" jsonb,
	"manifest" jsonb,
	"created_at" timestamptz DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "export_delta_name_unique" UNIQUE("segment_id","name")
);
--> statement-breakpoint
CREATE TABLE "segmentd"."export_run" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "segmentd"."export_run_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"segment_id" integer NOT NULL,
	"schedule_id" integer,
	"due_at" timestamptz,
	"state" text NOT NULL,
	"attempt" integer DEFAULT 0 NOT NULL,
	"wait_until" timestamptz,
	"owner" text,
	"lease_until" timestamptz,
	"file" text,
	"manifest" jsonb,
	"error" text,
	"requested_at" timestamptz DEFAULT clock_timestamp() NOT NULL,
	"started_at" timestamptz,
	"finished_at" timestamptz
);
--> statement-breakpoint
CREATE TABLE "segmentd"."feed_consumer" (
	"name" text PRIMARY KEY NOT NULL,
	"snapshot" pg_snapshot NOT NULL,
	"as_of" timestamptz NOT NULL,
	"window_snapshot" pg_snapshot,
	"window_as_of" timestamptz,
	"position" bigint,
	"last_position" bigint,
	"created_at" timestamptz DEFAULT clock_timestamp() NOT NULL,
	"read_at" timestamptz
);
--> statement-breakpoint
CREATE TABLE "segmentd"."schedule" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "segmentd"."schedule_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"segment_id" integer NOT NULL,
	"cron" text NOT NULL,
	"timezone" text NOT NULL,
	"format" text DEFAULT 'csv' NOT NULL,
	"columns" text[],
	"gzip" boolean DEFAULT false NOT NULL,
	"folder" text DEFAULT '' NOT NULL,
	"delta" text,
	"passing" boolean DEFAULT false NOT NULL,
	"formulas" boolean DEFAULT false NOT NULL,
	"consistent" boolean DEFAULT false NOT NULL,
	"fresh" boolean DEFAULT false NOT NULL,
	"next_at" timestamptz,
	"error" text,
	"created_at" timestamptz DEFAULT clock_timestamp() NOT NULL,
	"created_by" text DEFAULT session_user NOT NULL
);
--> statement-breakpoint
ALTER TABLE "segmentd"."segment_edge" ADD CONSTRAINT "segment_edge_edge_id_edge_id_fk" FOREIGN KEY ("edge_id") REFERENCES "segmentd"."edge"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "change_shard_idx" ON "segmentd"."change" USING btree ("shard","xid","contact_id");--> statement-breakpoint
CREATE INDEX "membership_contact_idx" ON "segmentd"."membership" USING btree ("contact_id","segment_id");--> statement-breakpoint
CREATE INDEX "membership_event_segment_idx" ON "segmentd"."membership_event" USING btree ("segment_id","at","contact_id");--> statement-breakpoint
CREATE INDEX "membership_event_xid_idx" ON "segmentd"."membership_event" USING btree ("xid");--> statement-breakpoint
CREATE INDEX "recheck_shard_idx" ON "segmentd"."recheck" USING btree ("shard","segment_id") WHERE "segmentd"."recheck"."epoch" is null;--> statement-breakpoint
CREATE INDEX "recheck_parked_idx" ON "segmentd"."recheck" USING btree ("segment_id","epoch") WHERE "segmentd"."recheck"."epoch" is not null;--> statement-breakpoint
CREATE INDEX "segment_edge_edge_idx" ON "segmentd"."segment_edge" USING btree ("edge_id");--> statement-breakpoint
CREATE INDEX "stage_build_idx" ON "segmentd"."stage" USING btree ("segment_id","epoch","round");--> statement-breakpoint
CREATE INDEX "wish_contact_idx" ON "segmentd"."wish" USING btree ("contact_id");--> statement-breakpoint
CREATE INDEX "wish_expiry_idx" ON "segmentd"."wish" USING btree ("expires_at") WHERE "segmentd"."wish"."expires_at" is not null;--> statement-breakpoint
CREATE INDEX "export_run_open_idx" ON "segmentd"."export_run" USING btree ("id") WHERE "segmentd"."export_run"."state" in ('waiting', 'running');--> statement-breakpoint
CREATE INDEX "export_run_segment_idx" ON "segmentd"."export_run" USING btree ("segment_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "export_run_due_unique" ON "segmentd"."export_run" USING btree ("schedule_id","due_at");--> statement-breakpoint
CREATE INDEX "schedule_segment_idx" ON "segmentd"."schedule" USING btree ("segment_id");