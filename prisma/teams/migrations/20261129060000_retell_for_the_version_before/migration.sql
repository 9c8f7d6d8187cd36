-- For processes of the version before that still run: they read this column with every team. Nothing is to be told any more.
ALTER TABLE "teams" ADD COLUMN     "retell" BOOLEAN NOT NULL DEFAULT false;
