-- AlterTable
ALTER TABLE "teams" ADD COLUMN     "disbanded_at" TIMESTAMPTZ(3);

-- A disbanded team has no owner and no other member. A process of the version before does not know that a team can be
-- disbanded, so the database also refuses a new member of such a team.
CREATE OR REPLACE FUNCTION require_owner() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF EXISTS (SELECT FROM teams WHERE id = OLD.team_id AND disbanded_at IS NULL)
        AND NOT EXISTS (SELECT FROM memberships WHERE team_id = OLD.team_id AND left_at IS NULL AND role = 'OWNER') THEN
        RAISE EXCEPTION 'the team % has no owner', OLD.team_id USING ERRCODE = 'check_violation', CONSTRAINT = 'memberships_owner';
    END IF;
    RETURN NULL;
END $$;

CREATE FUNCTION refuse_members_of_disbanded() RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT AS $$
BEGIN
    IF EXISTS (SELECT FROM teams WHERE id = NEW.id AND disbanded_at IS NOT NULL)
        AND EXISTS (SELECT FROM memberships WHERE team_id = NEW.id AND left_at IS NULL) THEN
        RAISE EXCEPTION 'the disbanded team % has members', NEW.id USING ERRCODE = 'check_violation', CONSTRAINT = 'teams_disbanded';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER teams_disbanded AFTER UPDATE ON teams DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW WHEN (NEW.disbanded_at IS NOT NULL) EXECUTE FUNCTION refuse_members_of_disbanded();

-- The list of teams leaves disbanded ones out. Prisma does not know partial indexes.
CREATE INDEX teams_active_name_idx ON teams (name, id) WHERE disbanded_at IS NULL;
CREATE INDEX teams_active_sport_idx ON teams (sport, name, id) WHERE disbanded_at IS NULL;
