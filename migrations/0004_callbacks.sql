-- What the bank tells us unasked, and what we made of it.

-- ── bank_callbacks: the inbox ─────────────────────────────────────────────────────────────────────

-- Every callback that bears the bank's signature, once per event however often it is sent.
CREATE TABLE bank_callbacks (
  id               uuid PRIMARY KEY,
  bank             text NOT NULL,
  -- The bank's own id of the event; where it sends none, or one that cannot be used,
  -- sha256:<digest of the body>. One that came too late is stale:<digest>, so that a replay never
  -- takes the place of the event itself.
  event_id         text NOT NULL CHECK (length(event_id) BETWEEN 1 AND 200),
  -- The signed bytes, as they came.
  body             bytea NOT NULL CHECK (length(body) <= 65536),
  -- The payment of its reference, where that is one of ours.
  payment_id       uuid,
  -- The bank's word; null where the body cannot be read.
  status           text,
  verdict          text NOT NULL CHECK (verdict IN
                     -- used: the bank is being asked; it settled by itself; it said what we know
                     ('inquiry_due', 'settled', 'agrees', 'no_news',
                     -- refused: a break was recorded
                      'contradiction', 'amount_differs',
                     -- not used: only a human can tell what to do with these. "settling" is one that
                     -- is to settle by itself and is not known to have done so.
                      'settling', 'unproven', 'unknown_payment', 'unreadable', 'stale')),
  detail           text NOT NULL,
  request_id       text NOT NULL,
  times            integer NOT NULL DEFAULT 1,
  received_at      timestamptz NOT NULL,
  last_received_at timestamptz NOT NULL,
  UNIQUE (bank, event_id)
);
CREATE INDEX bank_callbacks_payment ON bank_callbacks (payment_id) WHERE payment_id IS NOT NULL;
CREATE INDEX bank_callbacks_unusable ON bank_callbacks (received_at)
  WHERE verdict IN ('settling', 'unproven', 'unknown_payment', 'unreadable', 'stale');
-- Those whose payment had not ended when they came: looked at again when it has.
CREATE INDEX bank_callbacks_open ON bank_callbacks (received_at) WHERE verdict = 'inquiry_due';
CREATE TRIGGER no_removal BEFORE DELETE OR TRUNCATE ON bank_callbacks
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- ── bank_callback_refusals: what came without the bank's signature ────────────────────────────────

-- Anybody may post to the address, so no row each: one per sender, with the digest of the last body.
CREATE TABLE bank_callback_refusals (
  -- As the limits count it: an IPv4 address, or the /64 of an IPv6 one.
  sender      text PRIMARY KEY,
  times       bigint NOT NULL DEFAULT 1,
  last_digest text NOT NULL,
  first_at    timestamptz NOT NULL,
  last_at     timestamptz NOT NULL
);

GRANT SELECT, INSERT,
      UPDATE (payment_id, verdict, detail, times, last_received_at)
   ON bank_callbacks TO tollgate_app;
GRANT SELECT, INSERT, UPDATE (times, last_digest, last_at) ON bank_callback_refusals TO tollgate_app;
