CREATE TABLE "segmentd"."worker" (
	"id" uuid PRIMARY KEY NOT NULL,
	"host" text NOT NULL,
	"pid" integer NOT NULL,
	"version" text NOT NULL,
	"queue_kind" text,
	"queue_place" text,
	"generation" bigint,
	"started_at" timestamptz DEFAULT clock_timestamp() NOT NULL,
	"seen_at" timestamptz DEFAULT clock_timestamp() NOT NULL
);
