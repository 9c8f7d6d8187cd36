-- CreateEnum
CREATE TYPE "generation_state" AS ENUM ('RUNNING', 'DONE', 'FAILED');

-- CreateEnum
CREATE TYPE "generation_event_kind" AS ENUM ('TEXT', 'DISCARDED', 'DONE', 'FAILED');

-- CreateTable
CREATE TABLE "generations" (
    "id" UUID NOT NULL,
    "owner_id" UUID NOT NULL,
    "client_id" TEXT NOT NULL,
    "flow" TEXT NOT NULL,
    "input_digest" TEXT NOT NULL,
    "request_digest" TEXT NOT NULL,
    "prompt_version" INTEGER NOT NULL,
    "state" "generation_state" NOT NULL DEFAULT 'RUNNING',
    "result" JSONB,
    "text" TEXT,
    "failure" TEXT,
    "retry_after" INTEGER,
    "is_cached" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),
    "last_seq" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "generations_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "generation_events" (
    "generation_id" UUID NOT NULL,
    "seq" INTEGER NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "kind" "generation_event_kind" NOT NULL,
    "text" TEXT NOT NULL DEFAULT '',
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "generation_events_pkey" PRIMARY KEY ("generation_id","seq")
);

-- CreateTable
CREATE TABLE "days_of_people" (
    "owner_id" UUID NOT NULL,
    "day" DATE NOT NULL,
    "used" INTEGER NOT NULL,

    CONSTRAINT "days_of_people_pkey" PRIMARY KEY ("owner_id","day")
);

-- CreateIndex
CREATE INDEX "generations_request_digest_finished_at_idx" ON "generations"("request_digest", "finished_at");

-- CreateIndex
CREATE UNIQUE INDEX "generations_owner_id_client_id_key" ON "generations"("owner_id", "client_id");

-- CreateIndex
CREATE INDEX "days_of_people_day_idx" ON "days_of_people"("day");

-- AddForeignKey
ALTER TABLE "generation_events" ADD CONSTRAINT "generation_events_generation_id_fkey" FOREIGN KEY ("generation_id") REFERENCES "generations"("id") ON DELETE CASCADE ON UPDATE CASCADE;
