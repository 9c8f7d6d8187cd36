-- DropForeignKey
ALTER TABLE "scorers" DROP CONSTRAINT "scorers_tournament_id_fkey";

-- DropTable
DROP TABLE "scorers";

-- AlterTable
ALTER TABLE "tournaments" ADD COLUMN     "best_player_id" UUID;

-- CreateTable
CREATE TABLE "deeds" (
    "match_id" UUID NOT NULL,
    "player_id" UUID NOT NULL,
    "tournament_id" UUID NOT NULL,
    "team_id" UUID NOT NULL,
    "goals" INTEGER NOT NULL DEFAULT 0,
    "points" INTEGER NOT NULL DEFAULT 0,
    "own_goals" INTEGER NOT NULL DEFAULT 0,
    "assists" INTEGER NOT NULL DEFAULT 0,
    "yellow" INTEGER NOT NULL DEFAULT 0,
    "second_yellow" INTEGER NOT NULL DEFAULT 0,
    "red" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "deeds_pkey" PRIMARY KEY ("match_id","player_id","team_id")
);

-- CreateIndex
CREATE INDEX "deeds_tournament_id_player_id_idx" ON "deeds"("tournament_id", "player_id");

-- AddForeignKey
ALTER TABLE "deeds" ADD CONSTRAINT "deeds_tournament_id_fkey" FOREIGN KEY ("tournament_id") REFERENCES "tournaments"("id") ON DELETE CASCADE ON UPDATE CASCADE;
