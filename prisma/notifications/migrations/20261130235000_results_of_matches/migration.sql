ALTER TABLE known_matches ADD COLUMN result text, ADD COLUMN results integer NOT NULL DEFAULT 0;
