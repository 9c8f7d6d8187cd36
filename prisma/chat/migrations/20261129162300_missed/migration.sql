-- AlterTable
ALTER TABLE "read_marks" ADD COLUMN "missed_seq" INTEGER;

-- CreateTable
CREATE TABLE "readers" (
    "user_id" UUID NOT NULL,
    "last_seq" INTEGER NOT NULL,

    CONSTRAINT "readers_pkey" PRIMARY KEY ("user_id")
);
