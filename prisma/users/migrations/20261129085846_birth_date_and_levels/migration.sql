-- AlterTable
ALTER TABLE "users" ADD COLUMN     "birth_date" DATE,
ADD COLUMN     "levels" JSONB NOT NULL DEFAULT '{}';
