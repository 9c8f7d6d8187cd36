-- CreateEnum
CREATE TYPE "mailing_state" AS ENUM ('DRAFT', 'SCHEDULED', 'RUNNING', 'PAUSED', 'FINISHED', 'CANCELLED', 'STOPPED');

-- CreateEnum
CREATE TYPE "mailing_recipient_state" AS ENUM ('WAITING', 'SENT', 'FAILED', 'SKIPPED');

-- DropIndex
DROP INDEX "known_entries_tournament_id_idx";

-- CreateTable
CREATE TABLE "mailings" (
    "id" UUID NOT NULL,
    "author_id" UUID NOT NULL,
    "client_id" TEXT NOT NULL,
    "created_as" TEXT NOT NULL,
    "subject_type" TEXT NOT NULL,
    "subject_id" UUID NOT NULL,
    "entry_states" TEXT[],
    "title" TEXT NOT NULL,
    "text" TEXT NOT NULL,
    "state" "mailing_state" NOT NULL DEFAULT 'DRAFT',
    "reason" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "start_at" TIMESTAMPTZ(3),
    "ordered_at" TIMESTAMPTZ(3),
    "started_at" TIMESTAMPTZ(3),
    "ended_at" TIMESTAMPTZ(3),
    "after_cancelling" BOOLEAN NOT NULL DEFAULT false,
    "total" INTEGER,
    "sent" INTEGER NOT NULL DEFAULT 0,
    "failed" INTEGER NOT NULL DEFAULT 0,
    "skipped" INTEGER NOT NULL DEFAULT 0,
    "step" INTEGER NOT NULL DEFAULT 0,
    "delays" INTEGER NOT NULL DEFAULT 0,
    "lease_holder" UUID,
    "lease_until" TIMESTAMPTZ(3),
    "last_seq" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "mailings_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "mailing_recipients" (
    "mailing_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "state" "mailing_recipient_state" NOT NULL DEFAULT 'WAITING',
    "reason" TEXT,
    "due_at" TIMESTAMPTZ(3) NOT NULL,
    "is_planned" BOOLEAN NOT NULL DEFAULT false,
    "attempts" INTEGER NOT NULL DEFAULT 0,
    "retry_at" TIMESTAMPTZ(3),

    CONSTRAINT "mailing_recipients_pkey" PRIMARY KEY ("mailing_id","user_id")
);

-- CreateTable
CREATE TABLE "mailing_events" (
    "mailing_id" UUID NOT NULL,
    "seq" INTEGER NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "kind" TEXT NOT NULL,
    "state" "mailing_state" NOT NULL,
    "reason" TEXT,
    "by_user_id" UUID,
    "total" INTEGER,
    "sent" INTEGER NOT NULL,
    "failed" INTEGER NOT NULL,
    "skipped" INTEGER NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "mailing_events_pkey" PRIMARY KEY ("mailing_id","seq")
);

-- CreateIndex
CREATE INDEX "mailings_author_id_created_at_id_idx" ON "mailings"("author_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "mailings_author_id_ordered_at_idx" ON "mailings"("author_id", "ordered_at");

-- CreateIndex
CREATE INDEX "mailings_subject_type_subject_id_ordered_at_idx" ON "mailings"("subject_type", "subject_id", "ordered_at");

-- CreateIndex
CREATE INDEX "mailings_ended_at_idx" ON "mailings"("ended_at");

-- CreateIndex
CREATE INDEX "mailings_state_idx" ON "mailings"("state");

-- CreateIndex
CREATE INDEX "mailings_created_at_idx" ON "mailings"("created_at");

-- CreateIndex
CREATE UNIQUE INDEX "mailings_author_id_client_id_key" ON "mailings"("author_id", "client_id");

-- CreateIndex
CREATE INDEX "mailing_recipients_mailing_id_state_due_at_user_id_idx" ON "mailing_recipients"("mailing_id", "state", "due_at", "user_id");

-- CreateIndex
CREATE INDEX "known_entries_tournament_id_team_id_idx" ON "known_entries"("tournament_id", "team_id");

-- CreateIndex
CREATE INDEX "known_members_user_id_idx" ON "known_members"("user_id");
