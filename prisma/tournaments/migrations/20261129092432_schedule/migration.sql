-- CreateEnum
CREATE TYPE "ScheduleRunState" AS ENUM ('QUEUED', 'RUNNING', 'DONE', 'FAILED', 'CANCELLED');

-- AlterTable
ALTER TABLE "slots" ADD COLUMN     "kickoff_is_fixed" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "pitch_id" UUID;

-- CreateTable
CREATE TABLE "venues" (
    "id" UUID NOT NULL,
    "tournament_id" UUID NOT NULL,
    "client_id" TEXT NOT NULL,
    "created_as" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "address" TEXT,
    "time_zone" TEXT,

    CONSTRAINT "venues_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "pitches" (
    "id" UUID NOT NULL,
    "venue_id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "hours" JSONB NOT NULL,

    CONSTRAINT "pitches_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "schedule_runs" (
    "id" UUID NOT NULL,
    "tournament_id" UUID NOT NULL,
    "client_id" TEXT NOT NULL,
    "requested_by" UUID NOT NULL,
    "created_as" TEXT NOT NULL,
    "state" "ScheduleRunState" NOT NULL DEFAULT 'QUEUED',
    "percent" INTEGER NOT NULL DEFAULT 0,
    "settings" JSONB NOT NULL,
    "digest" TEXT NOT NULL,
    "seed" INTEGER NOT NULL,
    "places" JSONB,
    "quality" JSONB,
    "conflicts" JSONB,
    "error" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),
    "applied_at" TIMESTAMPTZ(3),

    CONSTRAINT "schedule_runs_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "venues_tournament_id_client_id_key" ON "venues"("tournament_id", "client_id");

-- CreateIndex
CREATE INDEX "pitches_venue_id_idx" ON "pitches"("venue_id");

-- CreateIndex
CREATE UNIQUE INDEX "schedule_runs_tournament_id_client_id_key" ON "schedule_runs"("tournament_id", "client_id");

-- CreateIndex
CREATE INDEX "slots_pitch_id_idx" ON "slots"("pitch_id");

-- AddForeignKey
ALTER TABLE "slots" ADD CONSTRAINT "slots_pitch_id_fkey" FOREIGN KEY ("pitch_id") REFERENCES "pitches"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "venues" ADD CONSTRAINT "venues_tournament_id_fkey" FOREIGN KEY ("tournament_id") REFERENCES "tournaments"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "pitches" ADD CONSTRAINT "pitches_venue_id_fkey" FOREIGN KEY ("venue_id") REFERENCES "venues"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "schedule_runs" ADD CONSTRAINT "schedule_runs_tournament_id_fkey" FOREIGN KEY ("tournament_id") REFERENCES "tournaments"("id") ON DELETE CASCADE ON UPDATE CASCADE;
