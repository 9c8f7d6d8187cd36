-- CreateEnum
CREATE TYPE "tournament_state" AS ENUM ('DRAFT', 'REGISTRATION', 'CHECK_IN', 'SEEDED', 'RUNNING', 'COMPLETED', 'ARCHIVED', 'CANCELLED');

-- CreateEnum
CREATE TYPE "registration_mode" AS ENUM ('OPEN', 'APPROVAL', 'INVITATION');

-- CreateEnum
CREATE TYPE "entry_state" AS ENUM ('PENDING', 'WAITING', 'ACCEPTED', 'CHECKED_IN', 'REJECTED', 'WITHDRAWN', 'MISSED_CHECK_IN', 'DISQUALIFIED');

-- CreateEnum
CREATE TYPE "stage_format" AS ENUM ('ROUND_ROBIN', 'SINGLE_ELIMINATION', 'DOUBLE_ELIMINATION', 'SWISS');

-- CreateEnum
CREATE TYPE "stage_state" AS ENUM ('PLANNED', 'RUNNING', 'COMPLETED');

-- CreateEnum
CREATE TYPE "bracket_kind" AS ENUM ('TABLE', 'WINNERS', 'LOSERS', 'FINAL', 'THIRD_PLACE');

-- CreateEnum
CREATE TYPE "slot_state" AS ENUM ('WAITING', 'READY', 'DECIDED', 'WALKED_OVER', 'EMPTY', 'NOT_NEEDED');

-- CreateEnum
CREATE TYPE "slot_side" AS ENUM ('HOME', 'AWAY', 'NONE');

-- CreateEnum
CREATE TYPE "result_how" AS ENUM ('PLAYED', 'WALKOVER', 'AWARDED');

-- CreateEnum
CREATE TYPE "ruling_kind" AS ENUM ('DEDUCTION', 'FAIR_PLAY', 'RANKING', 'LOTS');

-- CreateTable
CREATE TABLE "tournaments" (
    "id" UUID NOT NULL,
    "creator_id" UUID NOT NULL,
    "client_id" TEXT NOT NULL,
    "created_as" TEXT NOT NULL,
    "name" TEXT NOT NULL,
    "description" TEXT,
    "sport" TEXT NOT NULL,
    "state" "tournament_state" NOT NULL DEFAULT 'DRAFT',
    "rules" TEXT,
    "time_zone" TEXT NOT NULL,
    "city" TEXT,
    "starts_at" TIMESTAMPTZ(3) NOT NULL,
    "registration" "registration_mode" NOT NULL DEFAULT 'OPEN',
    "min_teams" INTEGER NOT NULL DEFAULT 2,
    "max_teams" INTEGER NOT NULL,
    "registration_closes_at" TIMESTAMPTZ(3),
    "check_in_closes_at" TIMESTAMPTZ(3),
    "min_age" INTEGER,
    "max_age" INTEGER,
    "min_level" INTEGER,
    "max_level" INTEGER,
    "entry_city" TEXT,
    "protest_hours" INTEGER NOT NULL DEFAULT 48,
    "draw_seed" TEXT,
    "draw_seed_hash" TEXT,
    "drawn_at" TIMESTAMPTZ(3),
    "champion_id" UUID,
    "cancel_reason" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "last_seq" INTEGER NOT NULL DEFAULT 0,
    "last_entry" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "tournaments_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "tournament_organizers" (
    "tournament_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "appointed_by" UUID,
    "appointed_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "tournament_organizers_pkey" PRIMARY KEY ("tournament_id","user_id")
);

-- CreateTable
CREATE TABLE "invitations_of_tournaments" (
    "tournament_id" UUID NOT NULL,
    "team_id" UUID NOT NULL,
    "invited_by" UUID NOT NULL,
    "invited_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "invitations_of_tournaments_pkey" PRIMARY KEY ("tournament_id","team_id")
);

-- CreateTable
CREATE TABLE "entries" (
    "id" UUID NOT NULL,
    "tournament_id" UUID NOT NULL,
    "team_id" UUID NOT NULL,
    "state" "entry_state" NOT NULL,
    "number" INTEGER NOT NULL,
    "seed" INTEGER,
    "entered_by" UUID NOT NULL,
    "player_ids" UUID[],
    "entered_at" TIMESTAMPTZ(3) NOT NULL,
    "checked_in_at" TIMESTAMPTZ(3),
    "reason" TEXT,

    CONSTRAINT "entries_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "stages" (
    "id" UUID NOT NULL,
    "tournament_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "name" TEXT NOT NULL,
    "format" "stage_format" NOT NULL,
    "state" "stage_state" NOT NULL DEFAULT 'PLANNED',
    "config" JSONB NOT NULL,

    CONSTRAINT "stages_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "groups" (
    "id" UUID NOT NULL,
    "stage_id" UUID NOT NULL,
    "number" INTEGER NOT NULL,
    "name" TEXT NOT NULL,

    CONSTRAINT "groups_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "rounds" (
    "id" UUID NOT NULL,
    "stage_id" UUID NOT NULL,
    "group" INTEGER,
    "bracket" "bracket_kind" NOT NULL,
    "number" INTEGER NOT NULL,
    "name" TEXT NOT NULL,

    CONSTRAINT "rounds_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "slots" (
    "id" UUID NOT NULL,
    "stage_id" UUID NOT NULL,
    "key" TEXT NOT NULL,
    "bracket" "bracket_kind" NOT NULL,
    "group" INTEGER,
    "round" INTEGER NOT NULL,
    "position" INTEGER NOT NULL,
    "leg" INTEGER,
    "home" JSONB NOT NULL,
    "away" JSONB NOT NULL,
    "winner_to" TEXT,
    "winner_side" "slot_side",
    "loser_to" TEXT,
    "loser_side" "slot_side",
    "only_if_needed" BOOLEAN NOT NULL DEFAULT false,
    "state" "slot_state" NOT NULL DEFAULT 'WAITING',
    "home_entry_id" UUID,
    "away_entry_id" UUID,
    "winner" "slot_side",
    "match_id" UUID,
    "kickoff_at" TIMESTAMPTZ(3),
    "venue" TEXT,
    "pitch" TEXT,
    "referee_id" UUID,

    CONSTRAINT "slots_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "results" (
    "match_id" UUID NOT NULL,
    "slot_id" UUID NOT NULL,
    "home_entry_id" UUID NOT NULL,
    "away_entry_id" UUID NOT NULL,
    "state" TEXT NOT NULL,
    "score" JSONB,
    "winner" "slot_side",
    "how" "result_how" NOT NULL DEFAULT 'PLAYED',
    "counts" BOOLEAN NOT NULL DEFAULT false,
    "annulled" BOOLEAN NOT NULL DEFAULT false,
    "seq" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "results_pkey" PRIMARY KEY ("match_id")
);

-- CreateTable
CREATE TABLE "rulings" (
    "id" UUID NOT NULL,
    "tournament_id" UUID NOT NULL,
    "kind" "ruling_kind" NOT NULL,
    "stage" INTEGER,
    "group" INTEGER,
    "entry_id" UUID,
    "value" INTEGER,
    "entry_ids" UUID[],
    "reason" TEXT NOT NULL,
    "made_by" UUID NOT NULL,
    "made_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "rulings_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "standings" (
    "group_id" UUID NOT NULL,
    "entry_id" UUID NOT NULL,
    "place" INTEGER NOT NULL,
    "rank" INTEGER NOT NULL,
    "played" INTEGER NOT NULL,
    "won" INTEGER NOT NULL,
    "drawn" INTEGER NOT NULL,
    "lost" INTEGER NOT NULL,
    "score_for" INTEGER NOT NULL,
    "score_against" INTEGER NOT NULL,
    "points" INTEGER NOT NULL,
    "decided_by" TEXT,
    "tied" BOOLEAN NOT NULL,
    "deductions" INTEGER NOT NULL,
    "provisional" BOOLEAN NOT NULL,

    CONSTRAINT "standings_pkey" PRIMARY KEY ("group_id","entry_id")
);

-- CreateTable
CREATE TABLE "scorers" (
    "tournament_id" UUID NOT NULL,
    "player_id" UUID NOT NULL,
    "team_id" UUID NOT NULL,
    "goals" INTEGER NOT NULL DEFAULT 0,
    "assists" INTEGER NOT NULL DEFAULT 0,
    "yellow_cards" INTEGER NOT NULL DEFAULT 0,
    "red_cards" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "scorers_pkey" PRIMARY KEY ("tournament_id","player_id","team_id")
);

-- CreateTable
CREATE TABLE "tournament_events" (
    "id" UUID NOT NULL,
    "tournament_id" UUID NOT NULL,
    "seq" INTEGER NOT NULL,
    "type" TEXT NOT NULL,
    "version" INTEGER NOT NULL,
    "payload" JSONB NOT NULL,
    "occurred_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "tournament_events_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "tournaments_starts_at_id_idx" ON "tournaments"("starts_at", "id");

-- CreateIndex
CREATE INDEX "tournaments_state_starts_at_id_idx" ON "tournaments"("state", "starts_at", "id");

-- CreateIndex
CREATE INDEX "tournaments_sport_starts_at_id_idx" ON "tournaments"("sport", "starts_at", "id");

-- CreateIndex
CREATE INDEX "tournaments_city_starts_at_id_idx" ON "tournaments"("city", "starts_at", "id");

-- CreateIndex
CREATE UNIQUE INDEX "tournaments_creator_id_client_id_key" ON "tournaments"("creator_id", "client_id");

-- CreateIndex
CREATE INDEX "tournament_organizers_user_id_idx" ON "tournament_organizers"("user_id");

-- CreateIndex
CREATE INDEX "entries_tournament_id_state_number_idx" ON "entries"("tournament_id", "state", "number");

-- CreateIndex
CREATE INDEX "entries_team_id_idx" ON "entries"("team_id");

-- CreateIndex
CREATE UNIQUE INDEX "entries_tournament_id_team_id_key" ON "entries"("tournament_id", "team_id");

-- CreateIndex
CREATE UNIQUE INDEX "entries_tournament_id_number_key" ON "entries"("tournament_id", "number");

-- CreateIndex
CREATE UNIQUE INDEX "stages_tournament_id_number_key" ON "stages"("tournament_id", "number");

-- CreateIndex
CREATE UNIQUE INDEX "groups_stage_id_number_key" ON "groups"("stage_id", "number");

-- CreateIndex
CREATE INDEX "rounds_stage_id_bracket_number_idx" ON "rounds"("stage_id", "bracket", "number");

-- CreateIndex
CREATE UNIQUE INDEX "slots_match_id_key" ON "slots"("match_id");

-- CreateIndex
CREATE INDEX "slots_stage_id_bracket_round_position_idx" ON "slots"("stage_id", "bracket", "round", "position");

-- CreateIndex
CREATE UNIQUE INDEX "slots_stage_id_key_key" ON "slots"("stage_id", "key");

-- CreateIndex
CREATE INDEX "results_slot_id_idx" ON "results"("slot_id");

-- CreateIndex
CREATE INDEX "rulings_tournament_id_stage_idx" ON "rulings"("tournament_id", "stage");

-- CreateIndex
CREATE INDEX "standings_group_id_place_idx" ON "standings"("group_id", "place");

-- CreateIndex
CREATE INDEX "scorers_tournament_id_goals_idx" ON "scorers"("tournament_id", "goals");

-- CreateIndex
CREATE UNIQUE INDEX "tournament_events_tournament_id_seq_key" ON "tournament_events"("tournament_id", "seq");

-- AddForeignKey
ALTER TABLE "tournament_organizers" ADD CONSTRAINT "tournament_organizers_tournament_id_fkey" FOREIGN KEY ("tournament_id") REFERENCES "tournaments"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "invitations_of_tournaments" ADD CONSTRAINT "invitations_of_tournaments_tournament_id_fkey" FOREIGN KEY ("tournament_id") REFERENCES "tournaments"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "entries" ADD CONSTRAINT "entries_tournament_id_fkey" FOREIGN KEY ("tournament_id") REFERENCES "tournaments"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "stages" ADD CONSTRAINT "stages_tournament_id_fkey" FOREIGN KEY ("tournament_id") REFERENCES "tournaments"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "groups" ADD CONSTRAINT "groups_stage_id_fkey" FOREIGN KEY ("stage_id") REFERENCES "stages"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "rounds" ADD CONSTRAINT "rounds_stage_id_fkey" FOREIGN KEY ("stage_id") REFERENCES "stages"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "slots" ADD CONSTRAINT "slots_stage_id_fkey" FOREIGN KEY ("stage_id") REFERENCES "stages"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "results" ADD CONSTRAINT "results_slot_id_fkey" FOREIGN KEY ("slot_id") REFERENCES "slots"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "rulings" ADD CONSTRAINT "rulings_tournament_id_fkey" FOREIGN KEY ("tournament_id") REFERENCES "tournaments"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "standings" ADD CONSTRAINT "standings_group_id_fkey" FOREIGN KEY ("group_id") REFERENCES "groups"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "scorers" ADD CONSTRAINT "scorers_tournament_id_fkey" FOREIGN KEY ("tournament_id") REFERENCES "tournaments"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "tournament_events" ADD CONSTRAINT "tournament_events_tournament_id_fkey" FOREIGN KEY ("tournament_id") REFERENCES "tournaments"("id") ON DELETE CASCADE ON UPDATE CASCADE;
