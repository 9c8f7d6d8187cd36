-- CreateTable
CREATE TABLE "rated_matches" (
    "match_id" UUID NOT NULL,
    "sport" TEXT NOT NULL,
    "kickoff_at" TIMESTAMPTZ(3) NOT NULL,
    "home_team_id" UUID NOT NULL,
    "away_team_id" UUID NOT NULL,
    "winner" TEXT,
    "home_players" UUID[],
    "away_players" UUID[],

    CONSTRAINT "rated_matches_pkey" PRIMARY KEY ("match_id")
);

-- CreateTable
CREATE TABLE "rating_changes" (
    "kind" TEXT NOT NULL,
    "subject_id" UUID NOT NULL,
    "sport" TEXT NOT NULL,
    "match_id" UUID NOT NULL,
    "kickoff_at" TIMESTAMPTZ(3) NOT NULL,
    "mu" DOUBLE PRECISION NOT NULL,
    "sigma" DOUBLE PRECISION NOT NULL,

    CONSTRAINT "rating_changes_pkey" PRIMARY KEY ("kind","subject_id","match_id")
);

-- CreateIndex
CREATE INDEX "rated_matches_sport_kickoff_at_match_id_idx" ON "rated_matches"("sport", "kickoff_at", "match_id");

-- CreateIndex
CREATE INDEX "rating_changes_kind_subject_id_sport_kickoff_at_match_id_idx" ON "rating_changes"("kind", "subject_id", "sport", "kickoff_at", "match_id");

-- CreateIndex
CREATE INDEX "rating_changes_match_id_idx" ON "rating_changes"("match_id");
