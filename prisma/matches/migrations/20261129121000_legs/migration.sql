-- AlterTable
ALTER TABLE "matches" ADD COLUMN     "leg" INTEGER,
ADD COLUMN     "tie" TEXT;
