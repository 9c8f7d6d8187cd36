-- A program that does not know the version of a row says so instead of reading it wrongly. What is there is version 1.
ALTER TABLE "room_events" ADD COLUMN     "version" INTEGER NOT NULL DEFAULT 1;
