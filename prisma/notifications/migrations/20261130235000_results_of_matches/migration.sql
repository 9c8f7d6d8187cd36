ALTER TABLE known_matches ADD COLUMN result text, ADD COLUMN result_changes integer NOT NULL DEFAULT 0;
