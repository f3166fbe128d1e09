-- Who is at work: one row per process, moved by its heartbeat. A process that says nothing for a minute
-- is gone; its payments come back when their leases end, whatever this table says.

CREATE TABLE workers (
  id           uuid PRIMARY KEY,
  role         text NOT NULL CHECK (role IN ('all', 'api', 'worker')),
  host         text NOT NULL,
  pid          integer NOT NULL,
  version      text NOT NULL,
  started_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
  heartbeat_at timestamptz NOT NULL DEFAULT clock_timestamp(),
  -- Calls at the bank now, and the most there may be.
  in_flight     integer NOT NULL,
  in_flight_max integer NOT NULL,
  -- By bank: {"simulator": "closed"}.
  breakers     jsonb NOT NULL,
  stopping     boolean NOT NULL DEFAULT false
);

GRANT SELECT, INSERT, UPDATE, DELETE ON workers TO tollgate_app;
