CREATE INDEX "segment_keep_idx" ON "segmentd"."segment" USING btree ("id") WHERE "segmentd"."segment"."state" = 'building'
        or "segmentd"."segment"."wanted_state" in ('paused', 'archived', 'deleted') and "segmentd"."segment"."state" <> "segmentd"."segment"."wanted_state"
        or "segmentd"."segment"."wanted_state" = 'live' and "segmentd"."segment"."state" in ('paused', 'archived', 'deleted')
        or "segmentd"."segment"."state" = 'held' and "segmentd"."segment"."confirmed_version" >= "segmentd"."segment"."version"
        or "segmentd"."segment"."state" = 'live' and "segmentd"."segment"."live_version" <> "segmentd"."segment"."version" and "segmentd"."segment"."error" is null;--> statement-breakpoint
CREATE INDEX "segment_version_proposed_idx" ON "segmentd"."segment_version" USING btree ("segment_id") WHERE "segmentd"."segment_version"."state" = 'proposed';