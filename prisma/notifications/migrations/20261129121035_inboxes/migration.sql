-- CreateEnum
CREATE TYPE "inbox_event_kind" AS ENUM ('ADDED', 'READ', 'WITHDRAWN');

-- CreateTable
CREATE TABLE "inboxes" (
    "user_id" UUID NOT NULL,
    "last_seq" INTEGER NOT NULL DEFAULT 0,
    "trimmed_seq" INTEGER NOT NULL DEFAULT 0,
    "kept" INTEGER NOT NULL DEFAULT 0,
    "forgotten_until" TIMESTAMPTZ(3),

    CONSTRAINT "inboxes_pkey" PRIMARY KEY ("user_id")
);

-- CreateTable
CREATE TABLE "notifications" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "seq" INTEGER,
    "kind" TEXT NOT NULL,
    "cause" UUID NOT NULL,
    "subject_type" TEXT NOT NULL,
    "subject_id" UUID NOT NULL,
    "facts" JSONB NOT NULL,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL,
    "read_at" TIMESTAMPTZ(3),
    "is_shown" BOOLEAN NOT NULL,

    CONSTRAINT "notifications_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "inbox_events" (
    "user_id" UUID NOT NULL,
    "seq" INTEGER NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "kind" "inbox_event_kind" NOT NULL,
    "notification_ids" UUID[],
    "until_seq" INTEGER,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "inbox_events_pkey" PRIMARY KEY ("user_id","seq")
);

-- CreateTable
CREATE TABLE "deliveries" (
    "notification_id" UUID NOT NULL,
    "channel" TEXT NOT NULL,
    "user_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "subject_id" UUID NOT NULL,
    "due_at" TIMESTAMPTZ(3) NOT NULL,
    "handed_at" TIMESTAMPTZ(3),

    CONSTRAINT "deliveries_pkey" PRIMARY KEY ("notification_id","channel")
);

-- CreateTable
CREATE TABLE "fan_outs" (
    "id" UUID NOT NULL,
    "notice" JSONB NOT NULL,
    "after_id" UUID,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "fan_outs_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "preferences" (
    "user_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "channel" TEXT NOT NULL,
    "is_on" BOOLEAN NOT NULL,

    CONSTRAINT "preferences_pkey" PRIMARY KEY ("user_id","kind","channel")
);

-- CreateTable
CREATE TABLE "settings" (
    "user_id" UUID NOT NULL,
    "language" TEXT,
    "time_zone" TEXT,
    "quiet_from" TEXT,
    "quiet_to" TEXT,
    "digest" BOOLEAN NOT NULL DEFAULT false,

    CONSTRAINT "settings_pkey" PRIMARY KEY ("user_id")
);

-- CreateTable
CREATE TABLE "known_users" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,

    CONSTRAINT "known_users_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "known_teams" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,

    CONSTRAINT "known_teams_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "known_members" (
    "team_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "role" TEXT NOT NULL,

    CONSTRAINT "known_members_pkey" PRIMARY KEY ("team_id","user_id")
);

-- CreateTable
CREATE TABLE "known_tournaments" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "sport" TEXT NOT NULL,
    "city" TEXT,
    "state" TEXT NOT NULL,
    "starts_at" TIMESTAMPTZ(3) NOT NULL,
    "organizer_ids" UUID[],

    CONSTRAINT "known_tournaments_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "known_entries" (
    "id" UUID NOT NULL,
    "tournament_id" UUID NOT NULL,
    "team_id" UUID NOT NULL,
    "state" TEXT NOT NULL,

    CONSTRAINT "known_entries_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "known_matches" (
    "id" UUID NOT NULL,
    "home_team_id" UUID NOT NULL,
    "away_team_id" UUID NOT NULL,
    "tournament_id" UUID,
    "kickoff_at" TIMESTAMPTZ(3) NOT NULL,
    "is_estimate" BOOLEAN NOT NULL,
    "state" TEXT NOT NULL,

    CONSTRAINT "known_matches_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "notifications_user_id_occurred_at_id_idx" ON "notifications"("user_id", "occurred_at", "id");

-- CreateIndex
CREATE INDEX "notifications_occurred_at_idx" ON "notifications"("occurred_at");

-- CreateIndex
CREATE INDEX "notifications_cause_idx" ON "notifications"("cause");

-- CreateIndex
CREATE INDEX "inbox_events_at_idx" ON "inbox_events"("at");

-- CreateIndex
CREATE INDEX "deliveries_user_id_channel_handed_at_due_at_idx" ON "deliveries"("user_id", "channel", "handed_at", "due_at");

-- CreateIndex
CREATE INDEX "deliveries_handed_at_idx" ON "deliveries"("handed_at");

-- CreateIndex
CREATE INDEX "preferences_kind_is_on_user_id_idx" ON "preferences"("kind", "is_on", "user_id");

-- CreateIndex
CREATE INDEX "known_entries_tournament_id_idx" ON "known_entries"("tournament_id");

-- AddForeignKey
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_notification_id_fkey" FOREIGN KEY ("notification_id") REFERENCES "notifications"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- The list of an inbox, and its unread notifications. Prisma cannot express partial indexes.
CREATE INDEX "notifications_shown_idx" ON "notifications"("user_id", "occurred_at", "id") WHERE is_shown;
CREATE INDEX "notifications_unread_idx" ON "notifications"("user_id", "occurred_at", "id") WHERE is_shown AND read_at IS NULL;

-- The first cleaning. Each cleaning sets the timer again.
INSERT INTO timers (name, key, id, version, due_at, payload) VALUES ('cleaning-due', 'all', gen_random_uuid(), 1, now(), '{}');
