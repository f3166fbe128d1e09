-- Whom we tell: endpoints, what is to be delivered to them, and what became of every attempt. A
-- delivery is written in the transaction of the event that it tells of.

-- ── webhook_endpoints ─────────────────────────────────────────────────────────────────────────────

CREATE TABLE webhook_endpoints (
  id                    uuid PRIMARY KEY,
  user_id               uuid NOT NULL REFERENCES users,
  url                   text NOT NULL CHECK (length(url) BETWEEN 1 AND 2000),
  description           text CHECK (length(description) <= 500),
  -- Null: every type, also those of later releases.
  event_types           text[] CHECK (cardinality(event_types) BETWEEN 1 AND 50),
  -- A deleted one stays for its log; its secrets do not.
  state                 text NOT NULL DEFAULT 'enabled'
                        CHECK (state IN ('enabled', 'disabled', 'deleted')),
  -- owner: switched off by whom it belongs to; gone: it answered 410; failing: for five days.
  disabled_why          text CHECK (disabled_why IN ('owner', 'gone', 'failing')),
  disabled_at           timestamptz,
  -- Sealed by WEBHOOK_ENCRYPTION_KEY: whoever signs needs the bytes, a backup's reader does not.
  secret                bytea,
  -- Signs beside the new one until then.
  previous_secret       bytea,
  previous_secret_until timestamptz,
  -- Since when no attempt has been delivered; null where the newest one was.
  failing_since         timestamptz,
  -- It asked for less (429), or what stands before it did (502, 504).
  slow_until            timestamptz,
  -- Since when state and event_types are what they are: what the audit holds events against.
  matches_since         timestamptz NOT NULL,
  created_at            timestamptz NOT NULL,
  updated_at            timestamptz NOT NULL,
  CHECK ((state = 'disabled') = (disabled_why IS NOT NULL)),
  CHECK ((state = 'disabled') = (disabled_at IS NOT NULL)),
  CHECK ((state = 'deleted') = (secret IS NULL)),
  CHECK ((previous_secret IS NULL) = (previous_secret_until IS NULL))
) WITH (fillfactor = 70);
CREATE INDEX webhook_endpoints_user ON webhook_endpoints (user_id, id);

-- ── webhook_deliveries: one message to one endpoint ───────────────────────────────────────────────

-- No foreign keys: they would lock the endpoint's row in every settling group.
CREATE TABLE webhook_deliveries (
  -- What the receiver sees as webhook-id, and tells repeats by: msg_ and the 32 digits.
  id          uuid PRIMARY KEY,
  endpoint_id uuid NOT NULL,
  user_id     uuid NOT NULL,
  type        text NOT NULL,
  -- The event; its row and the payment's, neither of which ever changes, make the body.
  payment_id  uuid,
  version     smallint,
  -- What the body says where no payment's event is told of (endpoint.disabled, test.ping). JSON.
  data        text,
  -- Which function makes the body of it; a later release repeats an old message to the byte.
  body_version smallint NOT NULL DEFAULT 1,
  occurred_at timestamptz NOT NULL,
  state       text NOT NULL DEFAULT 'pending'
              CHECK (state IN ('pending', 'delivered', 'failed', 'cancelled')),
  -- When somebody must look at this row again; while a call runs, the end of its lease.
  due_at      timestamptz,
  -- +1 with every claim, and the number of the attempt that follows.
  fence       integer NOT NULL DEFAULT 0,
  -- Failed attempts since it was created or replayed: the place in the schedule.
  failures    smallint NOT NULL DEFAULT 0,
  ended_at    timestamptz,
  CHECK ((due_at IS NULL) = (state <> 'pending')),
  CHECK ((ended_at IS NULL) = (state = 'pending')),
  CHECK ((payment_id IS NULL) = (version IS NULL)),
  CHECK ((payment_id IS NULL) = (data IS NOT NULL))
);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (due_at) WHERE due_at IS NOT NULL;
-- The log of an endpoint, newest first; ids are made of the event's moment.
CREATE INDEX webhook_deliveries_endpoint ON webhook_deliveries (endpoint_id, id);
-- What an endpoint that was away has missed.
CREATE INDEX webhook_deliveries_missed ON webhook_deliveries (endpoint_id, id)
  WHERE state IN ('failed', 'cancelled');

-- ── webhook_attempts: append-only ─────────────────────────────────────────────────────────────────

CREATE TABLE webhook_attempts (
  delivery_id uuid NOT NULL,
  fence       integer NOT NULL,
  worker      uuid NOT NULL,
  started_at  timestamptz NOT NULL,
  latency_ms  integer NOT NULL CHECK (latency_ms >= 0),
  -- What it answered; null where it did not.
  status      smallint,
  -- Why it does not count as delivered: a code of the docs.
  error       text,
  -- The first bytes of the answer.
  answer      text CHECK (length(answer) <= 4096),
  PRIMARY KEY (delivery_id, fence)
);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON webhook_attempts
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER no_removal BEFORE DELETE OR TRUNCATE ON webhook_deliveries
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER no_removal BEFORE DELETE OR TRUNCATE ON webhook_endpoints
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- ── an event makes its deliveries ─────────────────────────────────────────────────────────────────

-- A UUID (version 8) of the event's moment and of what it is for: rows arrive in key order, a payment's
-- deliveries are found without an index of their own, and one event can never make two for an
-- endpoint.
CREATE FUNCTION webhook_delivery_id(payment_id uuid, version smallint, endpoint_id uuid,
                                    at timestamptz) RETURNS uuid
LANGUAGE sql STABLE AS $$
  SELECT (lpad(to_hex(floor(extract(epoch FROM at) * 1000)::bigint), 12, '0') || '8' ||
          overlay(substr(md5(payment_id::text || version || endpoint_id::text), 1, 19)
                  PLACING '8' FROM 4 FOR 1))::uuid
$$;

-- The least id of a moment: a range of time is a range of ids.
CREATE FUNCTION webhook_id_from(at timestamptz) RETURNS uuid LANGUAGE sql STABLE AS $$
  SELECT (lpad(to_hex(floor(extract(epoch FROM at) * 1000)::bigint), 12, '0') ||
          repeat('0', 20))::uuid
$$;

-- Over the transition table, once a statement: whoever writes events cannot forget it, and a group
-- without endpoints pays one look at an index.
CREATE FUNCTION make_webhook_deliveries() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  INSERT INTO webhook_deliveries (id, endpoint_id, user_id, type, payment_id, version, occurred_at,
                                  due_at)
  SELECT webhook_delivery_id(e.payment_id, e.version, w.id, e.created_at), w.id, e.user_id, e.type,
         e.payment_id, e.version, e.created_at, clock_timestamp()
    FROM new_events e
    JOIN webhook_endpoints w ON w.user_id = e.user_id
   -- That the bank is being asked is nobody's news: whoever wants to watch follows the feed.
   WHERE e.type NOT LIKE '%.processing'
     AND w.state = 'enabled' AND (w.event_types IS NULL OR e.type = ANY (w.event_types));
  RETURN NULL;
END $$;
CREATE TRIGGER webhook_deliveries AFTER INSERT ON events
  REFERENCING NEW TABLE AS new_events
  FOR EACH STATEMENT EXECUTE FUNCTION make_webhook_deliveries();

GRANT SELECT, INSERT, UPDATE (url, description, event_types, state, disabled_why, disabled_at, secret,
                              previous_secret, previous_secret_until, failing_since, slow_until,
                              matches_since, updated_at)
  ON webhook_endpoints TO tollgate_app;
GRANT SELECT, INSERT, UPDATE (state, due_at, fence, failures, ended_at)
  ON webhook_deliveries TO tollgate_app;
GRANT SELECT, INSERT ON webhook_attempts TO tollgate_app;
