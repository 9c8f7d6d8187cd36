-- CreateTable
CREATE TABLE "disbanded_teams" (
    "id" UUID NOT NULL,
    "disbanded_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "disbanded_teams_pkey" PRIMARY KEY ("id")
);
