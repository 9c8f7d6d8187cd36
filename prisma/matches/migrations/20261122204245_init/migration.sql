-- CreateEnum
CREATE TYPE "match_state" AS ENUM ('SCHEDULED', 'LIVE', 'BREAK', 'FINISHED', 'POSTPONED', 'CANCELLED');

-- CreateEnum
CREATE TYPE "match_event_kind" AS ENUM ('STATE', 'PERIOD', 'GOAL', 'CARD', 'VOID');

-- CreateEnum
CREATE TYPE "sport" AS ENUM ('FOOTBALL', 'MINI_FOOTBALL', 'BASKETBALL', 'BASKETBALL_3X3', 'VOLLEYBALL', 'BEACH_VOLLEYBALL', 'HOCKEY');

-- CreateTable
CREATE TABLE "matches" (
    "id" UUID NOT NULL,
    "organizer_id" UUID NOT NULL,
    "client_id" TEXT NOT NULL,
    "referee_id" UUID,
    "sport" "sport" NOT NULL,
    "state" "match_state" NOT NULL DEFAULT 'SCHEDULED',
    "home_team_id" UUID NOT NULL,
    "away_team_id" UUID NOT NULL,
    "competition" TEXT,
    "round" TEXT,
    "group" TEXT,
    "venue" TEXT,
    "kickoff_at" TIMESTAMPTZ(3) NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_seq" INTEGER NOT NULL DEFAULT 0,
    "period" INTEGER,
    "shootout" BOOLEAN NOT NULL DEFAULT false,
    "score" JSONB NOT NULL,

    CONSTRAINT "matches_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "match_events" (
    "id" UUID NOT NULL,
    "match_id" UUID NOT NULL,
    "seq" INTEGER NOT NULL,
    "client_event_id" TEXT,
    "recorded_by" UUID NOT NULL,
    "recorded_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "kind" "match_event_kind" NOT NULL,
    "voids" INTEGER,
    "detail" JSONB NOT NULL,
    "score" JSONB NOT NULL,

    CONSTRAINT "match_events_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "outbox" (
    "id" BIGSERIAL NOT NULL,
    "kind" TEXT NOT NULL,
    "topic" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "seq" INTEGER NOT NULL,
    "event_id" UUID NOT NULL,
    "type" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL,
    "request_id" TEXT,
    "payload" JSONB NOT NULL,
    "published_at" TIMESTAMPTZ(3),
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "next_attempt_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "parked_at" TIMESTAMPTZ(3),
    "last_error" TEXT,

    CONSTRAINT "outbox_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "outbox_lease" (
    "name" TEXT NOT NULL,
    "holder" UUID NOT NULL,
    "expires_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "outbox_lease_pkey" PRIMARY KEY ("name")
);

-- CreateTable
CREATE TABLE "inbox" (
    "consumer" TEXT NOT NULL,
    "topic" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "last_seq" INTEGER NOT NULL,
    "parked" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "inbox_pkey" PRIMARY KEY ("consumer","topic","key")
);

-- CreateTable
CREATE TABLE "inbox_parked" (
    "consumer" TEXT NOT NULL,
    "topic" TEXT NOT NULL,
    "key" TEXT NOT NULL,
    "seq" INTEGER NOT NULL,
    "event" JSONB NOT NULL,
    "error" TEXT,
    "parked_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "inbox_parked_pkey" PRIMARY KEY ("consumer","topic","key","seq")
);

-- CreateIndex
CREATE INDEX "matches_kickoff_at_id_idx" ON "matches"("kickoff_at", "id");

-- CreateIndex
CREATE INDEX "matches_state_kickoff_at_id_idx" ON "matches"("state", "kickoff_at", "id");

-- CreateIndex
CREATE INDEX "matches_competition_kickoff_at_id_idx" ON "matches"("competition", "kickoff_at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "matches_organizer_id_client_id_key" ON "matches"("organizer_id", "client_id");

-- CreateIndex
CREATE UNIQUE INDEX "match_events_match_id_seq_key" ON "match_events"("match_id", "seq");

-- CreateIndex
CREATE UNIQUE INDEX "match_events_match_id_client_event_id_key" ON "match_events"("match_id", "client_event_id");

-- CreateIndex
CREATE UNIQUE INDEX "match_events_match_id_voids_key" ON "match_events"("match_id", "voids");

-- CreateIndex
CREATE UNIQUE INDEX "outbox_topic_key_seq_key" ON "outbox"("topic", "key", "seq");

-- AddForeignKey
ALTER TABLE "match_events" ADD CONSTRAINT "match_events_match_id_fkey" FOREIGN KEY ("match_id") REFERENCES "matches"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- Partial indexes, which Prisma does not know.
CREATE INDEX outbox_unpublished_idx ON outbox (id) WHERE published_at IS NULL AND parked_at IS NULL;
CREATE INDEX outbox_failing_idx ON outbox (topic, key) WHERE published_at IS NULL AND parked_at IS NULL AND attempts > 0;
CREATE INDEX outbox_parked_idx ON outbox (topic, key) WHERE parked_at IS NOT NULL;
CREATE INDEX outbox_published_idx ON outbox (published_at) WHERE published_at IS NOT NULL;
