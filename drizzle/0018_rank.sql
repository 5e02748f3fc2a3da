CREATE TABLE "segmentd"."contact_rank" (
	"contact_id" "segmentd"."contact_key" PRIMARY KEY NOT NULL,
	"rank" jsonb DEFAULT '{}' NOT NULL
);
--> statement-breakpoint
CREATE TABLE "segmentd_internal"."rank" (
	"name" text PRIMARY KEY NOT NULL,
	"definition" text,
	"as_of" timestamptz,
	"ms" double precision,
	"ranked" bigint,
	"moved" bigint,
	"next_at" timestamptz DEFAULT '-infinity' NOT NULL,
	"asked_at" timestamptz,
	"asked" integer DEFAULT 0 NOT NULL,
	"answered" integer DEFAULT 0 NOT NULL,
	"error" text,
	"failed_at" timestamptz,
	"failures" integer DEFAULT 0 NOT NULL
);
