-- The service notifications waits until it knows the teams that an event is about. In an old installation the log has no
-- events of those that were created long ago.
INSERT INTO "announcement" AS "a" ("topic") SELECT 'teams.v1' WHERE EXISTS (SELECT FROM "teams")
ON CONFLICT ("topic") DO UPDATE SET "asked_at" = now(), "after_key" = NULL, "keys" = 0, "finished_at" = NULL, "error" = NULL
WHERE "a"."finished_at" IS NOT NULL;
