-- AlterEnum
-- This migration adds more than one value to an enum.
-- With PostgreSQL versions 11 and earlier, this is not possible
-- in a single migration. This can be worked around by creating
-- multiple migrations, each migration adding only one value to
-- the enum.


ALTER TYPE "match_event_kind" ADD VALUE 'SUBSTITUTION';
ALTER TYPE "match_event_kind" ADD VALUE 'LINEUP';
ALTER TYPE "match_event_kind" ADD VALUE 'PLAN';
ALTER TYPE "match_event_kind" ADD VALUE 'RESULT';
ALTER TYPE "match_event_kind" ADD VALUE 'CONFIRMATION';
ALTER TYPE "match_event_kind" ADD VALUE 'PROTEST';
ALTER TYPE "match_event_kind" ADD VALUE 'REPLAY';

-- AlterEnum
-- This migration adds more than one value to an enum.
-- With PostgreSQL versions 11 and earlier, this is not possible
-- in a single migration. This can be worked around by creating
-- multiple migrations, each migration adding only one value to
-- the enum.


ALTER TYPE "match_state" ADD VALUE 'LINEUPS';
ALTER TYPE "match_state" ADD VALUE 'CONFIRMED';
ALTER TYPE "match_state" ADD VALUE 'SUSPENDED';
ALTER TYPE "match_state" ADD VALUE 'ABANDONED';
ALTER TYPE "match_state" ADD VALUE 'WALKOVER';

-- AlterTable
ALTER TABLE "matches" ADD COLUMN     "away_confirmed_by" UUID,
ADD COLUMN     "confirms_at" TIMESTAMPTZ(3),
ADD COLUMN     "home_confirmed_by" UUID,
ADD COLUMN     "how" TEXT NOT NULL DEFAULT 'PLAYED',
ADD COLUMN     "kickoff_is_estimate" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "needs_winner" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "nobody_wins" BOOLEAN NOT NULL DEFAULT false,
ADD COLUMN     "protest_hours" INTEGER,
ADD COLUMN     "tournament_id" UUID,
ADD COLUMN     "walkover_score" INTEGER;

-- CreateTable
CREATE TABLE "players" (
    "id" UUID NOT NULL,
    "team_id" UUID NOT NULL,
    "user_id" UUID,
    "name" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "players_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "squad_members" (
    "match_id" UUID NOT NULL,
    "player_id" UUID NOT NULL,
    "side" TEXT NOT NULL,
    "starts" BOOLEAN NOT NULL,
    "number" INTEGER,
    "place" INTEGER NOT NULL,

    CONSTRAINT "squad_members_pkey" PRIMARY KEY ("match_id","player_id")
);

-- CreateTable
CREATE TABLE "protests" (
    "id" UUID NOT NULL,
    "match_id" UUID NOT NULL,
    "side" TEXT NOT NULL,
    "made_by" UUID NOT NULL,
    "made_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "reason" TEXT NOT NULL,
    "decision" TEXT,
    "answer" TEXT,
    "decided_by" UUID,
    "decided_at" TIMESTAMPTZ(3),

    CONSTRAINT "protests_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "known_tournaments" (
    "id" UUID NOT NULL,
    "state" TEXT NOT NULL,
    "organizer_ids" UUID[],
    "protest_hours" INTEGER NOT NULL,

    CONSTRAINT "known_tournaments_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "players_user_id_idx" ON "players"("user_id");

-- CreateIndex
CREATE INDEX "squad_members_player_id_idx" ON "squad_members"("player_id");

-- CreateIndex
CREATE INDEX "protests_match_id_made_at_idx" ON "protests"("match_id", "made_at");

-- CreateIndex
CREATE INDEX "matches_tournament_id_kickoff_at_id_idx" ON "matches"("tournament_id", "kickoff_at", "id");

-- AddForeignKey
ALTER TABLE "squad_members" ADD CONSTRAINT "squad_members_match_id_fkey" FOREIGN KEY ("match_id") REFERENCES "matches"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "squad_members" ADD CONSTRAINT "squad_members_player_id_fkey" FOREIGN KEY ("player_id") REFERENCES "players"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "protests" ADD CONSTRAINT "protests_match_id_fkey" FOREIGN KEY ("match_id") REFERENCES "matches"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- Partial indexes, which Prisma does not know.
CREATE UNIQUE INDEX "players_team_id_user_id_key" ON "players"("team_id", "user_id") WHERE "user_id" IS NOT NULL;
CREATE UNIQUE INDEX "players_team_id_name_key" ON "players"("team_id", "name") WHERE "user_id" IS NULL;
CREATE UNIQUE INDEX "protests_open_key" ON "protests"("match_id") WHERE "decision" IS NULL;

-- Who scored or was shown a card so far. Of an own goal the side is that of the other team.
INSERT INTO "players" ("id", "team_id", "user_id", "name")
SELECT gen_random_uuid(), team_id, user_id, name FROM (
    SELECT DISTINCT ON (team_id, user_id, CASE WHEN user_id IS NULL THEN name END) team_id, user_id, name FROM (
        SELECT CASE WHEN (e.detail->>'side' = 'HOME') = (e.detail->>'goal' IS DISTINCT FROM 'OWN_GOAL') THEN m.home_team_id ELSE m.away_team_id END AS team_id,
               (e.detail->'player'->>'userId')::uuid AS user_id,
               e.detail->'player'->>'name' AS name,
               e.recorded_at
        FROM "match_events" e JOIN "matches" m ON m.id = e.match_id
        WHERE e.kind IN ('GOAL', 'CARD') AND e.version = 1 AND e.detail->'player'->>'name' IS NOT NULL
    ) AS named ORDER BY team_id, user_id, CASE WHEN user_id IS NULL THEN name END, recorded_at DESC
) AS players;

-- Events of version 1 do not say which teams played. Matches from before are announced as they are.
INSERT INTO "announcement" ("topic") SELECT 'matches.v1' WHERE EXISTS (SELECT FROM "matches")
ON CONFLICT ("topic") DO UPDATE SET "asked_at" = now(), "after_key" = NULL, "keys" = 0, "finished_at" = NULL, "error" = NULL;
