-- The table of a service that declares timers, in its own PostgreSQL schema. models.prisma describes the same table to
-- Prisma. The search_path decides about the schema.

-- Timers. The transaction of the change writes them, and the transaction of the handler deletes them.
CREATE TABLE timers (
  -- The name of the definition.
  name text NOT NULL,
  -- An aggregate's id, unique within the name.
  key text NOT NULL,
  -- A new id whenever the timer is set again.
  id uuid NOT NULL,
  -- The version of the payload.
  version integer NOT NULL,
  due_at timestamptz(3) NOT NULL,
  -- The id of the request that set the timer.
  request_id text,
  payload jsonb NOT NULL,
  -- How often the handler failed.
  attempts integer NOT NULL DEFAULT 0,
  -- Null until the handler has failed.
  next_attempt_at timestamptz(3),
  parked_at timestamptz(3),
  last_error text,
  CONSTRAINT timers_pkey PRIMARY KEY (name, key)
);
CREATE INDEX timers_due_idx ON timers (due_at) WHERE parked_at IS NULL;
CREATE INDEX timers_parked_idx ON timers (parked_at) WHERE parked_at IS NOT NULL;
