-- CreateEnum
CREATE TYPE "draw_method" AS ENUM ('BY_LOT', 'BY_HAND');

-- AlterTable
ALTER TABLE "tournaments" ADD COLUMN     "check_in_ended_at" TIMESTAMPTZ(3),
ADD COLUMN     "draw_method" "draw_method";
