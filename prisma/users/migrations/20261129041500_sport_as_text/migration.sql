-- A sport is text, checked where it comes in: a new one needs no migration.
ALTER TABLE "users" ALTER COLUMN "sports" TYPE TEXT[] USING "sports"::text[];
DROP TYPE "sport";

-- For processes of the version before that still run: they cast what they write and look for to this type.
CREATE DOMAIN "sport" AS TEXT;
