-- AlterTable
ALTER TABLE "known_teams" ADD COLUMN     "disbanded_at" TIMESTAMPTZ(3);
