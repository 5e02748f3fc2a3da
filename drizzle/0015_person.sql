-- Persons beside the database role that acted for them. Who asked for an export before this is not known.
CREATE TABLE "segmentd_internal"."action_log" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "segmentd_internal"."action_log_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"at" timestamptz DEFAULT clock_timestamp() NOT NULL,
	"actor" text,
	"database_role" text NOT NULL,
	"way" text,
	"action" text NOT NULL,
	"segment" text,
	"contact" "segmentd"."contact_key",
	"detail" jsonb
);
--> statement-breakpoint
ALTER TABLE "segmentd_internal"."api_token" ADD COLUMN "actor" text DEFAULT nullif(current_setting('segmentd.actor', true), '');--> statement-breakpoint
ALTER TABLE "segmentd_internal"."web_session" ADD COLUMN "way" text DEFAULT 'link' NOT NULL;--> statement-breakpoint
ALTER TABLE "segmentd_internal"."export_run" ADD COLUMN "created_by" text;--> statement-breakpoint
ALTER TABLE "segmentd_internal"."export_run" ALTER COLUMN "created_by" SET DEFAULT session_user;--> statement-breakpoint
ALTER TABLE "segmentd_internal"."export_run" ADD COLUMN "actor" text DEFAULT nullif(current_setting('segmentd.actor', true), '');--> statement-breakpoint
ALTER TABLE "segmentd_internal"."schedule" ADD COLUMN "actor" text DEFAULT nullif(current_setting('segmentd.actor', true), '');--> statement-breakpoint
ALTER TABLE "segmentd"."override" ADD COLUMN "actor" text DEFAULT nullif(current_setting('segmentd.actor', true), '');--> statement-breakpoint
ALTER TABLE "segmentd"."segment" ADD COLUMN "updated_actor" text DEFAULT nullif(current_setting('segmentd.actor', true), '');--> statement-breakpoint
ALTER TABLE "segmentd"."segment_version" ADD COLUMN "actor" text DEFAULT nullif(current_setting('segmentd.actor', true), '');--> statement-breakpoint
CREATE INDEX "action_log_at_idx" ON "segmentd_internal"."action_log" USING btree ("at");--> statement-breakpoint
CREATE INDEX "action_log_segment_idx" ON "segmentd_internal"."action_log" USING btree ("segment","id");--> statement-breakpoint
CREATE INDEX "action_log_actor_idx" ON "segmentd_internal"."action_log" USING btree ("actor","id");--> statement-breakpoint
CREATE INDEX "action_log_contact_idx" ON "segmentd_internal"."action_log" USING btree ("contact","id") WHERE "segmentd_internal"."action_log"."contact" is not null;