-- CreateEnum
CREATE TYPE "join_request_state" AS ENUM ('PENDING', 'ACCEPTED', 'DECLINED', 'WITHDRAWN');

-- AlterTable
ALTER TABLE "invitations" ADD COLUMN     "client_id" TEXT;

-- CreateTable
CREATE TABLE "join_requests" (
    "id" UUID NOT NULL,
    "team_id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "client_id" TEXT,
    "state" "join_request_state" NOT NULL DEFAULT 'PENDING',
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "join_requests_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "join_requests_team_id_id_idx" ON "join_requests"("team_id", "id");

-- CreateIndex
CREATE INDEX "join_requests_user_id_id_idx" ON "join_requests"("user_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "join_requests_user_id_client_id_key" ON "join_requests"("user_id", "client_id");

-- CreateIndex
CREATE INDEX "invitations_invitee_id_id_idx" ON "invitations"("invitee_id", "id");

-- CreateIndex
CREATE UNIQUE INDEX "invitations_inviter_id_client_id_key" ON "invitations"("inviter_id", "client_id");

-- AddForeignKey
ALTER TABLE "join_requests" ADD CONSTRAINT "join_requests_team_id_fkey" FOREIGN KEY ("team_id") REFERENCES "teams"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- Partial indexes, which Prisma does not know.
CREATE UNIQUE INDEX join_requests_pending_key ON join_requests (team_id, user_id) WHERE state = 'PENDING';

-- A partial unique index allows one owner at most. This trigger requires one: it runs at the end of a transaction, so a
-- transfer may take the role from one member before it gives it to the other.
CREATE FUNCTION require_owner() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF EXISTS (SELECT FROM teams WHERE id = OLD.team_id)
        AND NOT EXISTS (SELECT FROM memberships WHERE team_id = OLD.team_id AND left_at IS NULL AND role = 'OWNER') THEN
        RAISE EXCEPTION 'the team % has no owner', OLD.team_id USING ERRCODE = 'check_violation', CONSTRAINT = 'memberships_owner';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER memberships_owner AFTER UPDATE OR DELETE ON memberships DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (OLD.role = 'OWNER' AND OLD.left_at IS NULL) EXECUTE FUNCTION require_owner();

-- The expiry of an invitation is a timer from now on. Those that older programs sent get theirs here.
INSERT INTO timers (name, key, id, version, due_at, payload)
SELECT 'expire-invitation', id::text, gen_random_uuid(), 1, expires_at, jsonb_build_object('invitationId', id)
FROM invitations WHERE state = 'PENDING';
