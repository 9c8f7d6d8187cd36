-- AlterEnum
ALTER TYPE "ruling_kind" ADD VALUE 'PLAY_OFF';

-- AlterTable
ALTER TABLE "results" ADD COLUMN     "number" INTEGER NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "stages" ADD COLUMN     "plan" JSONB;

-- AlterTable
ALTER TABLE "slots" ADD COLUMN     "label" TEXT NOT NULL DEFAULT '';
