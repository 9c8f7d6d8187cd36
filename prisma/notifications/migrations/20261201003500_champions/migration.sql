ALTER TABLE known_tournaments ADD COLUMN champion_team_id uuid, ADD COLUMN champions integer NOT NULL DEFAULT 0;
