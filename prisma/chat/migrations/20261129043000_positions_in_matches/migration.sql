-- Only the first event of a match moved the position of `chat` in matches.v1; now every event does. With the old position the next event of each match
-- would seem to follow a hole, and an alarm of missed events would be given. After 0 any event may be the next. The log's offsets say what was handled
-- already, and what is delivered once more does no harm: a room that is there is not made again. Keys with parked events keep their position.
UPDATE "inbox" SET "last_seq" = 0 WHERE "consumer" = 'chat' AND "topic" = 'matches.v1' AND NOT "parked";
