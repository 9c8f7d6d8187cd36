-- The tables that every service has in its own PostgreSQL schema; models.prisma says the same to Prisma. `npm run prisma -- <service> add outbox`
-- makes a migration of them. Names are not qualified: the search_path decides.

-- What a service has to tell: written in the transaction of the change, emptied by the relay.
CREATE TABLE outbox (
  id bigserial PRIMARY KEY,
  -- EVENT or JOB.
  kind text NOT NULL,
  -- Of an event its topic, of a job its queue.
  topic text NOT NULL,
  -- Of an event the aggregate's id, of a job its own id.
  key text NOT NULL,
  seq integer NOT NULL,
  -- Of an event its id, of a job that of the event it was made for.
  event_id uuid NOT NULL,
  type text NOT NULL,
  version integer NOT NULL,
  occurred_at timestamptz(3) NOT NULL,
  request_id text,
  payload jsonb NOT NULL,
  published_at timestamptz(3),
  attempts integer NOT NULL DEFAULT 0,
  next_attempt_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  parked_at timestamptz(3),
  last_error text,
  -- Whether it is no event, but the state of the key as of `seq`.
  snapshot boolean NOT NULL DEFAULT false
);
CREATE UNIQUE INDEX outbox_topic_key_seq_key ON outbox (topic, key, seq) WHERE NOT snapshot;
CREATE INDEX outbox_unpublished_idx ON outbox (id) WHERE published_at IS NULL AND parked_at IS NULL;
CREATE INDEX outbox_failing_idx ON outbox (topic, key) WHERE published_at IS NULL AND parked_at IS NULL AND attempts > 0;
CREATE INDEX outbox_parked_idx ON outbox (topic, key) WHERE parked_at IS NOT NULL;
CREATE INDEX outbox_parked_at_idx ON outbox (parked_at) WHERE parked_at IS NOT NULL;
CREATE INDEX outbox_published_idx ON outbox (published_at) WHERE published_at IS NOT NULL;

-- Who relays: at most one holder at a time, for as long as it renews.
CREATE TABLE outbox_lease (
  name text PRIMARY KEY,
  holder uuid NOT NULL,
  expires_at timestamptz(3) NOT NULL
);

-- How far a consumer has handled each key.
CREATE TABLE inbox (
  consumer text NOT NULL,
  topic text NOT NULL,
  key text NOT NULL,
  last_seq integer NOT NULL,
  -- Whether events of the key wait in inbox_parked: later ones queue behind them.
  parked boolean NOT NULL DEFAULT false,
  -- Whether those that wait are to be handled again: an operator asked for it.
  redrive boolean NOT NULL DEFAULT false,
  -- Whether events before the position are missing: the next snapshot is handled though its seq is no newer.
  incomplete boolean NOT NULL DEFAULT false,
  CONSTRAINT inbox_pkey PRIMARY KEY (consumer, topic, key)
);
CREATE INDEX inbox_redrive_idx ON inbox (consumer) WHERE redrive;

CREATE TABLE inbox_parked (
  consumer text NOT NULL,
  topic text NOT NULL,
  key text NOT NULL,
  seq integer NOT NULL,
  -- The event as it was delivered.
  event jsonb NOT NULL,
  -- Why it was parked; null when only because it came after one that was.
  error text,
  parked_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT inbox_parked_pkey PRIMARY KEY (consumer, topic, key, seq)
);
CREATE INDEX inbox_parked_parked_at_idx ON inbox_parked (parked_at);

-- When a consumer started for the first time: because of older events nothing is sent to people.
CREATE TABLE inbox_group (
  consumer text NOT NULL,
  started_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT inbox_group_pkey PRIMARY KEY (consumer)
);

-- The owner of a topic was asked to publish the state of every key.
CREATE TABLE announcement (
  topic text NOT NULL,
  asked_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  -- The last key that is done; null before the first.
  after_key text,
  -- How many are done.
  keys integer NOT NULL DEFAULT 0,
  finished_at timestamptz(3),
  -- Why it does not go on.
  error text,
  CONSTRAINT announcement_pkey PRIMARY KEY (topic)
);
