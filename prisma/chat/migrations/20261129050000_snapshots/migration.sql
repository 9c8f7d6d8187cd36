-- A snapshot repeats the newest seq of its key.
DROP INDEX "outbox_topic_key_seq_key";
ALTER TABLE "outbox" ADD COLUMN     "snapshot" BOOLEAN NOT NULL DEFAULT false;
CREATE UNIQUE INDEX "outbox_topic_key_seq_key" ON "outbox"("topic", "key", "seq") WHERE NOT "snapshot";

-- Events before the position are missing: the next snapshot is handled though its seq is no newer.
ALTER TABLE "inbox" ADD COLUMN     "incomplete" BOOLEAN NOT NULL DEFAULT false;

-- CreateTable
CREATE TABLE "inbox_group" (
    "consumer" TEXT NOT NULL,
    "started_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "inbox_group_pkey" PRIMARY KEY ("consumer")
);
-- Groups that are older than this table have been sending all along.
INSERT INTO "inbox_group" ("consumer", "started_at") SELECT DISTINCT "consumer", 'epoch'::timestamptz FROM "inbox";

-- CreateTable
CREATE TABLE "announcement" (
    "topic" TEXT NOT NULL,
    "asked_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "after_key" TEXT,
    "keys" INTEGER NOT NULL DEFAULT 0,
    "finished_at" TIMESTAMPTZ(3),
    "error" TEXT,

    CONSTRAINT "announcement_pkey" PRIMARY KEY ("topic")
);
