-- The first timer that deletes uploads in parts whose ids are lost. It sets itself again.
INSERT INTO timers (name, key, id, version, due_at, payload) VALUES ('parts-expire', 'all', gen_random_uuid(), 1, now(), '{}');
