-- What a person decided of one contact is called an override everywhere. The triggers and functions on it are made again
-- under their new names by sql/object/override-trigger.sql.
DROP TRIGGER IF EXISTS "wish_insert" ON "segmentd"."wish";--> statement-breakpoint
DROP TRIGGER IF EXISTS "wish_update" ON "segmentd"."wish";--> statement-breakpoint
DROP TRIGGER IF EXISTS "wish_delete" ON "segmentd"."wish";--> statement-breakpoint
DROP TRIGGER IF EXISTS "wish_truncate" ON "segmentd"."wish";--> statement-breakpoint
DROP TRIGGER IF EXISTS "wish_author" ON "segmentd"."wish";--> statement-breakpoint
DROP FUNCTION IF EXISTS "segmentd"."wish_written"();--> statement-breakpoint
DROP FUNCTION IF EXISTS "segmentd"."wish_truncate"();--> statement-breakpoint
ALTER TABLE "segmentd"."wish" RENAME TO "override";--> statement-breakpoint
ALTER TABLE "segmentd"."override" RENAME CONSTRAINT "wish_segment_id_contact_id_pk" TO "override_segment_id_contact_id_pk";--> statement-breakpoint
ALTER TABLE "segmentd"."override" RENAME CONSTRAINT "wish_kind_known" TO "override_kind_known";--> statement-breakpoint
ALTER INDEX "segmentd"."wish_contact_idx" RENAME TO "override_contact_idx";--> statement-breakpoint
ALTER INDEX "segmentd"."wish_override_idx" RENAME TO "override_dynamic_idx";--> statement-breakpoint
ALTER INDEX "segmentd"."wish_expiry_idx" RENAME TO "override_expiry_idx";--> statement-breakpoint
ALTER TABLE "segmentd"."segment" RENAME COLUMN "judged_under" TO "validated_under";--> statement-breakpoint
DELETE FROM "segmentd"."object_file" WHERE "name" = 'wish-trigger';
