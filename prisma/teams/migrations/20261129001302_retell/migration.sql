-- AlterTable
ALTER TABLE "teams" ADD COLUMN     "retell" BOOLEAN NOT NULL DEFAULT false;

-- The log may have forgotten them: each is told once more.
UPDATE "teams" SET "retell" = true;
