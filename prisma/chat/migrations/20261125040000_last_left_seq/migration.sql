-- AlterTable
ALTER TABLE "rooms" ADD COLUMN     "last_left_seq" INTEGER NOT NULL DEFAULT 0;

-- Who left before there was the column.
UPDATE "rooms" SET "last_left_seq" = "left"."seq"
FROM (SELECT "room_id", max("seq") AS "seq" FROM "room_events" WHERE "kind" = 'LEFT' GROUP BY "room_id") AS "left"
WHERE "left"."room_id" = "rooms"."id";
