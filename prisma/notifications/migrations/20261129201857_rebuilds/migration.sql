-- The table of a service whose projections can be rebuilt, in its own PostgreSQL schema. models.prisma describes the
-- same table to Prisma. The search_path decides about the schema.

-- Runs of rebuilds. The newest of each projection stay.
CREATE TABLE rebuild_runs (
  id uuid NOT NULL,
  -- The name of the projection.
  name text NOT NULL,
  -- QUEUED, RUNNING, DONE, FAILED or CANCELLED.
  state text NOT NULL DEFAULT 'QUEUED',
  -- Whether the process of the command does the work. Otherwise a job does it.
  by_command boolean NOT NULL,
  requested_at timestamptz(3) NOT NULL DEFAULT now(),
  started_at timestamptz(3),
  finished_at timestamptz(3),
  -- The last time that the running process stored its progress.
  seen_at timestamptz(3),
  -- The number of the job's delivery.
  attempt integer NOT NULL DEFAULT 0,
  -- READING or REPLACING, once it runs.
  step text,
  -- Events that were read, and about how many there are.
  events integer NOT NULL DEFAULT 0,
  total integer NOT NULL DEFAULT 0,
  -- Figures of a finished run.
  figures jsonb,
  -- Why the last delivery failed.
  error text,
  CONSTRAINT rebuild_runs_pkey PRIMARY KEY (id)
);
CREATE INDEX rebuild_runs_name_idx ON rebuild_runs (name, requested_at);
-- One run of a projection at a time.
CREATE UNIQUE INDEX rebuild_runs_open_key ON rebuild_runs (name) WHERE state IN ('QUEUED', 'RUNNING');
