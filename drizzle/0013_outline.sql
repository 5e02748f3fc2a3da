ALTER TABLE "segmentd"."membership_event" ADD COLUMN "source" smallint;--> statement-breakpoint
ALTER TABLE "segmentd"."membership_event" ADD COLUMN "leaf" smallint;--> statement-breakpoint
ALTER TABLE "segmentd"."segment_version" ADD COLUMN "reads" text[];--> statement-breakpoint
ALTER TABLE "segmentd"."segment_version" ADD COLUMN "reads_segments" text[];--> statement-breakpoint
ALTER TABLE "segmentd_internal"."audit" ADD COLUMN "differing" jsonb DEFAULT '{}' NOT NULL;--> statement-breakpoint
ALTER TABLE "segmentd_internal"."audit" ADD COLUMN "passed_from" timestamptz;--> statement-breakpoint
ALTER TABLE "segmentd_internal"."audit" ADD COLUMN "passed_differing" jsonb;