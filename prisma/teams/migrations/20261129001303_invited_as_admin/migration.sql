-- AlterTable
ALTER TABLE "invitations" ADD COLUMN     "as_admin" BOOLEAN NOT NULL DEFAULT false;

-- What was sent by who has no right to invite any more. Accepting looks again; this is for who lists them.
UPDATE "invitations" SET "state" = 'REVOKED'
WHERE "state" = 'PENDING' AND NOT EXISTS (
    SELECT FROM "memberships" WHERE "memberships"."team_id" = "invitations"."team_id" AND "memberships"."user_id" = "invitations"."inviter_id"
        AND "memberships"."left_at" IS NULL AND "memberships"."role" IN ('OWNER', 'CAPTAIN')
);
