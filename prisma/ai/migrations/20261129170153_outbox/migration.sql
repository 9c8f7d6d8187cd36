-- The tables that every service has in its own PostgreSQL schema. models.prisma describes the same tables to Prisma.
-- `npm run prisma -- <service> add outbox` makes a migration of them. The search_path decides about the schema.

-- Messages to publish. The transaction of the change writes them, and the relay publishes them.
CREATE TABLE outbox (
  id bigserial PRIMARY KEY,
  -- EVENT or JOB.
  kind text NOT NULL,
  -- The topic of an event, or the queue of a job.
  topic text NOT NULL,
  -- The aggregate's id for an event, or the job's own id.
  key text NOT NULL,
  seq integer NOT NULL,
  -- The id of the event. For a job, the id of the event that caused it.
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
  -- Whether this is the state of the key as of `seq` and not an event.
  snapshot boolean NOT NULL DEFAULT false
);
CREATE UNIQUE INDEX outbox_topic_key_seq_key ON outbox (topic, key, seq) WHERE NOT snapshot;
CREATE INDEX outbox_unpublished_idx ON outbox (id) WHERE published_at IS NULL AND parked_at IS NULL;
CREATE INDEX outbox_failing_idx ON outbox (topic, key) WHERE published_at IS NULL AND parked_at IS NULL AND attempts > 0;
CREATE INDEX outbox_parked_idx ON outbox (topic, key) WHERE parked_at IS NOT NULL;
CREATE INDEX outbox_parked_at_idx ON outbox (parked_at) WHERE parked_at IS NOT NULL;
CREATE INDEX outbox_published_idx ON outbox (published_at) WHERE published_at IS NOT NULL;

-- The lease of the relay. At most one process holds it. The lease ends at `expires_at`, unless its holder renews it.
CREATE TABLE outbox_lease (
  name text PRIMARY KEY,
  holder uuid NOT NULL,
  expires_at timestamptz(3) NOT NULL
);

-- How far each consumer has handled each key.
CREATE TABLE inbox (
  consumer text NOT NULL,
  topic text NOT NULL,
  key text NOT NULL,
  last_seq integer NOT NULL,
  -- Whether events of the key are in inbox_parked. Later events of the key wait behind them.
  parked boolean NOT NULL DEFAULT false,
  -- Whether the parked events should be handled again, at the request of an operator.
  redrive boolean NOT NULL DEFAULT false,
  -- Whether events before the position are missing. Then the next snapshot is handled even if its seq is not newer.
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
  -- Why it was parked; null when the only reason is an earlier parked event of its key.
  error text,
  parked_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT inbox_parked_pkey PRIMARY KEY (consumer, topic, key, seq)
);
CREATE INDEX inbox_parked_parked_at_idx ON inbox_parked (parked_at);

-- When a consumer started for the first time. For older events it sends nothing to people.
CREATE TABLE inbox_group (
  consumer text NOT NULL,
  started_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  CONSTRAINT inbox_group_pkey PRIMARY KEY (consumer)
);

-- A request to the owner of a topic to publish the state of every key.
CREATE TABLE announcement (
  topic text NOT NULL,
  asked_at timestamptz(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
  -- The last key that is announced; null before the first.
  after_key text,
  -- How many keys are announced.
  keys integer NOT NULL DEFAULT 0,
  finished_at timestamptz(3),
  -- Why the announcement is blocked.
  error text,
  CONSTRAINT announcement_pkey PRIMARY KEY (topic)
);
