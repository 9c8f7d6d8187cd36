-- The words of a name, for the search. Punctuation separates words: the parser of PostgreSQL would take "1.FC" and "A/B"
-- as one word each.
CREATE FUNCTION "words_of"(name text) RETURNS tsvector LANGUAGE sql IMMUTABLE PARALLEL SAFE STRICT
  RETURN to_tsvector('simple'::regconfig, translate(normalize(name, NFC), '!"#$%&''()*+,-./:;<=>?@[\]^_`{|}~', repeat(' ', 32)));

-- CreateIndex
CREATE INDEX "tournaments_words_idx" ON "tournaments" USING GIN ("words_of"("name"));
