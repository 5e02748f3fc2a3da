ALTER TABLE "segmentd"."installation" ADD COLUMN "rows_as_of" timestamptz;--> statement-breakpoint
ALTER TABLE "segmentd"."installation" ADD COLUMN "time_as_of" timestamptz;--> statement-breakpoint
UPDATE "segmentd"."installation" SET "rows_as_of" = "fresh_as_of", "time_as_of" = "fresh_as_of";--> statement-breakpoint
ALTER TABLE "segmentd"."edge" ADD COLUMN "as_of" timestamptz;--> statement-breakpoint
ALTER TABLE "segmentd"."build" ADD COLUMN "origin" xid8;--> statement-breakpoint
ALTER TABLE "segmentd"."rebuild_request" ADD COLUMN "origin" xid8 DEFAULT pg_current_xact_id() NOT NULL;--> statement-breakpoint
ALTER TABLE "segmentd"."build" ADD COLUMN "as_of" timestamptz;--> statement-breakpoint
ALTER TABLE "segmentd"."rebuild_request" ADD COLUMN "as_of" timestamptz;
