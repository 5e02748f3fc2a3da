CREATE UNLOGGED TABLE "segmentd"."stage_chunk" (
	"segment_id" integer NOT NULL,
	"epoch" integer NOT NULL,
	"wanted" boolean NOT NULL,
	"size" integer NOT NULL,
	"contacts" "segmentd"."contact_key"[] NOT NULL
);
--> statement-breakpoint
-- Read once and thrown away: compressing keys costs more than writing them.
ALTER TABLE "segmentd"."stage_chunk" ALTER COLUMN "contacts" SET STORAGE EXTERNAL;
--> statement-breakpoint
CREATE INDEX "stage_chunk_build_idx" ON "segmentd"."stage_chunk" USING btree ("segment_id","epoch");--> statement-breakpoint
CREATE INDEX "wish_override_idx" ON "segmentd"."wish" USING btree ("segment_id") WHERE "segmentd"."wish"."kind" <> 'member';