CREATE TABLE "segmentd_internal"."api_token" (
	"name" text PRIMARY KEY NOT NULL,
	"hash" text NOT NULL,
	"role" text NOT NULL,
	"created_by" text DEFAULT session_user NOT NULL,
	"created_at" timestamptz DEFAULT clock_timestamp() NOT NULL,
	"expires_at" timestamptz,
	"used_at" timestamptz,
	CONSTRAINT "api_token_hash_unique" UNIQUE("hash")
);
--> statement-breakpoint
CREATE TABLE "segmentd_internal"."web_session" (
	"hash" text PRIMARY KEY NOT NULL,
	"name" text NOT NULL,
	"role" text NOT NULL,
	"created_at" timestamptz DEFAULT clock_timestamp() NOT NULL,
	"expires_at" timestamptz NOT NULL
);
