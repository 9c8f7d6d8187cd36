-- The table of a service that declares timers, in its own PostgreSQL schema; models.prisma says the same to Prisma. Names are not qualified: the search_path
-- decides.

-- What is to happen later: written in the transaction of the change, deleted in the transaction of its handler.
CREATE TABLE timers (
  -- Of the definition.
  name text NOT NULL,
  -- What it is for, unique within the name: an aggregate's id.
  key text NOT NULL,
  -- Another one whenever the timer is set again.
  id uuid NOT NULL,
  -- Of the payload.
  version integer NOT NULL,
  due_at timestamptz(3) NOT NULL,
  -- The request that set it.
  request_id text,
  payload jsonb NOT NULL,
  -- Times that its handler failed.
  attempts integer NOT NULL DEFAULT 0,
  -- Null until the handler failed for the first time.
  next_attempt_at timestamptz(3),
  parked_at timestamptz(3),
  last_error text,
  CONSTRAINT timers_pkey PRIMARY KEY (name, key)
);
CREATE INDEX timers_due_idx ON timers (due_at) WHERE parked_at IS NULL;
CREATE INDEX timers_parked_idx ON timers (parked_at) WHERE parked_at IS NOT NULL;
