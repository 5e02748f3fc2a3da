CREATE TABLE "segmentd"."column_grant" (
	"role" text NOT NULL,
	"schema_name" text NOT NULL,
	"table_name" text NOT NULL,
	"column_name" text NOT NULL,
	"ours" boolean NOT NULL,
	"granted_at" timestamptz DEFAULT clock_timestamp() NOT NULL,
	CONSTRAINT "column_grant_role_schema_name_table_name_column_name_pk" PRIMARY KEY("role","schema_name","table_name","column_name")
);
--> statement-breakpoint
CREATE TABLE "segmentd"."trouble" (
	"work" text PRIMARY KEY NOT NULL,
	"sqlstate" text,
	"since" timestamptz NOT NULL,
	"last_at" timestamptz NOT NULL,
	"failures" integer NOT NULL
);
--> statement-breakpoint
-- Without a primary key: a publication for all tables would refuse every delete. The old row goes to the WAL only where wal_level is logical.
ALTER TABLE "segmentd"."change" REPLICA IDENTITY FULL;
--> statement-breakpoint
ALTER TABLE "segmentd"."recheck" REPLICA IDENTITY FULL;
--> statement-breakpoint
ALTER TABLE "segmentd"."stage" REPLICA IDENTITY FULL;
--> statement-breakpoint
ALTER TABLE "segmentd"."stage_chunk" REPLICA IDENTITY FULL;
