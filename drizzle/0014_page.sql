CREATE TABLE "segmentd_internal"."page_hint" (
	"xid" xid8 DEFAULT pg_current_xact_id() NOT NULL,
	"kind" text NOT NULL,
	"segment_id" integer NOT NULL,
	"at" timestamptz DEFAULT clock_timestamp() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "segmentd_internal"."repeatable_request" (
	"person" text NOT NULL,
	"key" text NOT NULL,
	"hash" text NOT NULL,
	"status" smallint,
	"headers" jsonb,
	"body" text,
	"lease_until" timestamptz NOT NULL,
	"created_at" timestamptz DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "repeatable_request_person_key_pk" PRIMARY KEY("person","key")
);
--> statement-breakpoint
ALTER TABLE "segmentd_internal"."export_run" ADD COLUMN "request" jsonb;--> statement-breakpoint
ALTER TABLE "segmentd_internal"."export_run" ADD COLUMN "written" bigint;--> statement-breakpoint
ALTER TABLE "segmentd_internal"."export_run" ADD COLUMN "total" bigint;--> statement-breakpoint
ALTER TABLE "segmentd_internal"."export_run" ADD COLUMN "bytes" bigint;--> statement-breakpoint
CREATE INDEX "page_hint_xid_idx" ON "segmentd_internal"."page_hint" USING btree ("xid");--> statement-breakpoint
CREATE INDEX "repeatable_request_created_idx" ON "segmentd_internal"."repeatable_request" USING btree ("created_at");--> statement-breakpoint
-- Its rows have no key, and a publication for all tables asks for an identity of rows that are deleted.
ALTER TABLE "segmentd_internal"."page_hint" REPLICA IDENTITY FULL;
