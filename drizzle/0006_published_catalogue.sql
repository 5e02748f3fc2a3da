CREATE TABLE "segmentd"."catalogue" (
	"id" integer PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "segmentd"."catalogue_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1),
	"config" jsonb NOT NULL,
	"published_at" timestamptz DEFAULT clock_timestamp() NOT NULL,
	"published_by" text DEFAULT session_user NOT NULL
);
--> statement-breakpoint
ALTER TABLE "segmentd"."segment" ADD COLUMN "judged_under" text;--> statement-breakpoint
ALTER TABLE "segmentd"."segment" ADD COLUMN "retry_at" timestamptz;--> statement-breakpoint
ALTER TABLE "segmentd"."segment" ADD COLUMN "retries" smallint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "segmentd"."segment_version" ADD COLUMN "fingerprint" jsonb;--> statement-breakpoint
ALTER TABLE "segmentd"."rebuild_request" ADD COLUMN "detail" text;