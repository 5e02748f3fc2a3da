-- Sizes by day, filled from the log. Nothing is written to the log meanwhile: whoever writes it writes member_count in
-- the same statement, and this transaction holds that table from here on.
ALTER TABLE "segmentd_internal"."member_count" ADD COLUMN "day" date;--> statement-breakpoint
ALTER TABLE "segmentd_internal"."member_count" ADD COLUMN "entries" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "segmentd_internal"."member_count" ADD COLUMN "exits" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
UPDATE "segmentd_internal"."member_count" SET "day" = (clock_timestamp() AT TIME ZONE 'UTC')::date;--> statement-breakpoint
ALTER TABLE "segmentd_internal"."member_count" ALTER COLUMN "day" SET NOT NULL;--> statement-breakpoint
CREATE TABLE "segmentd_internal"."size_day" (
	"segment_id" integer NOT NULL,
	"day" date NOT NULL,
	"shard" smallint NOT NULL,
	"entries" bigint NOT NULL,
	"exits" bigint NOT NULL,
	CONSTRAINT "size_day_segment_id_day_shard_pk" PRIMARY KEY("segment_id","day","shard")
);
--> statement-breakpoint
INSERT INTO "segmentd_internal"."size_day" ("segment_id", "day", "shard", "entries", "exits")
SELECT e.segment_id, (e.at AT TIME ZONE 'UTC')::date, -1, count(*) FILTER (WHERE e.kind = 'entered'), count(*) FILTER (WHERE e.kind = 'left')
FROM "segmentd"."membership_event" e
WHERE e.at >= coalesce((SELECT i.events_since FROM "segmentd_internal"."installation" i), '-infinity')
GROUP BY 1, 2;--> statement-breakpoint
CREATE INDEX "membership_event_contact_idx" ON "segmentd"."membership_event" USING btree ("contact_id");--> statement-breakpoint
ALTER TABLE "segmentd_internal"."installation" ADD COLUMN "sizes_since" date;--> statement-breakpoint
UPDATE "segmentd_internal"."installation" SET "sizes_since" = ("events_since" AT TIME ZONE 'UTC')::date;--> statement-breakpoint
ALTER TABLE "segmentd"."segment_version" ADD COLUMN "sentence" text;
