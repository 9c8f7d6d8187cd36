ALTER TABLE known_entries ADD COLUMN withdrawals integer NOT NULL DEFAULT 0;
