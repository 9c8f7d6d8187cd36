-- CreateTable
CREATE TABLE "known_teams" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "sport" TEXT NOT NULL,

    CONSTRAINT "known_teams_pkey" PRIMARY KEY ("id")
);
