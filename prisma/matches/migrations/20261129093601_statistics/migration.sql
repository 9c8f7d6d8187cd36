-- CreateTable
CREATE TABLE "team_results" (
    "team_id" UUID NOT NULL,
    "match_id" UUID NOT NULL,
    "opponent_id" UUID NOT NULL,
    "sport" TEXT NOT NULL,
    "tournament_id" UUID,
    "kickoff_at" TIMESTAMPTZ(3) NOT NULL,
    "outcome" TEXT NOT NULL,
    "scored" INTEGER NOT NULL,
    "conceded" INTEGER NOT NULL,

    CONSTRAINT "team_results_pkey" PRIMARY KEY ("team_id","match_id")
);

-- CreateTable
CREATE TABLE "player_results" (
    "player_id" UUID NOT NULL,
    "match_id" UUID NOT NULL,
    "team_id" UUID NOT NULL,
    "sport" TEXT NOT NULL,
    "tournament_id" UUID,
    "kickoff_at" TIMESTAMPTZ(3) NOT NULL,
    "goals" INTEGER NOT NULL,
    "penalties" INTEGER NOT NULL,
    "points" INTEGER NOT NULL,
    "own_goals" INTEGER NOT NULL,
    "assists" INTEGER NOT NULL,
    "yellow" INTEGER NOT NULL,
    "second_yellow" INTEGER NOT NULL,
    "red" INTEGER NOT NULL,

    CONSTRAINT "player_results_pkey" PRIMARY KEY ("player_id","match_id")
);

-- CreateIndex
CREATE INDEX "team_results_match_id_idx" ON "team_results"("match_id");

-- CreateIndex
CREATE INDEX "team_results_team_id_opponent_id_sport_kickoff_at_match_id_idx" ON "team_results"("team_id", "opponent_id", "sport", "kickoff_at", "match_id");

-- CreateIndex
CREATE INDEX "player_results_match_id_idx" ON "player_results"("match_id");
