-- CreateEnum
CREATE TYPE "report_state" AS ENUM ('QUEUED', 'RUNNING', 'DONE', 'FAILED', 'CANCELLED', 'EXPIRED');

-- CreateTable
CREATE TABLE "report_feeds" (
    "user_id" UUID NOT NULL,
    "last_seq" INTEGER NOT NULL DEFAULT 0,
    "trimmed_seq" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "report_feeds_pkey" PRIMARY KEY ("user_id")
);

-- CreateTable
CREATE TABLE "reports" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "kind" TEXT NOT NULL,
    "subject_type" TEXT NOT NULL,
    "subject_id" UUID NOT NULL,
    "season_from" TIMESTAMPTZ(3),
    "season_to" TIMESTAMPTZ(3),
    "format" TEXT NOT NULL,
    "language" TEXT NOT NULL,
    "time_zone" TEXT NOT NULL,
    "digest" TEXT NOT NULL,
    "state" "report_state" NOT NULL DEFAULT 'QUEUED',
    "percent" INTEGER NOT NULL DEFAULT 0,
    "failure" TEXT,
    "pages" INTEGER,
    "bytes" INTEGER,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "finished_at" TIMESTAMPTZ(3),
    "expires_at" TIMESTAMPTZ(3),

    CONSTRAINT "reports_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "report_requests" (
    "user_id" UUID NOT NULL,
    "client_id" TEXT NOT NULL,
    "report_id" UUID NOT NULL,
    "created_as" TEXT NOT NULL,

    CONSTRAINT "report_requests_pkey" PRIMARY KEY ("user_id","client_id")
);

-- CreateTable
CREATE TABLE "report_events" (
    "user_id" UUID NOT NULL,
    "seq" INTEGER NOT NULL,
    "version" INTEGER NOT NULL DEFAULT 1,
    "report_id" UUID NOT NULL,
    "state" "report_state" NOT NULL,
    "percent" INTEGER NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "report_events_pkey" PRIMARY KEY ("user_id","seq")
);

-- CreateIndex
CREATE INDEX "reports_user_id_created_at_id_idx" ON "reports"("user_id", "created_at", "id");

-- CreateIndex
CREATE INDEX "reports_user_id_digest_created_at_idx" ON "reports"("user_id", "digest", "created_at");

-- CreateIndex
CREATE INDEX "report_requests_report_id_idx" ON "report_requests"("report_id");

-- AddForeignKey
ALTER TABLE "report_requests" ADD CONSTRAINT "report_requests_report_id_fkey" FOREIGN KEY ("report_id") REFERENCES "reports"("id") ON DELETE CASCADE ON UPDATE CASCADE;
