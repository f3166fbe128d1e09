-- What a bank that misbehaves leaves behind: differences between its word and our books, the payments
-- that put them right, and the log of who decided what.

-- ── payments: more kinds ──────────────────────────────────────────────────────────────────────────

-- A payment moves `amount` from one account to another. Of a deposit, a withdrawal and a refund the
-- other side is the bank (its clearing account, looked up when it is booked). A transfer and a
-- correction name both sides: from account_id to counter_account_id.
ALTER TABLE payments
  DROP CONSTRAINT payments_kind_check,
  ADD CONSTRAINT payments_kind_check
    CHECK (kind IN ('deposit', 'withdrawal', 'transfer', 'refund', 'correction')) NOT VALID,
  ADD COLUMN counter_account_id uuid,
  -- The deposit that a refund gives back; the payment that a correction puts right.
  ADD COLUMN related_payment_id uuid,
  ADD CONSTRAINT payments_counter_account
    CHECK ((counter_account_id IS NOT NULL) = (kind IN ('transfer', 'correction'))) NOT VALID,
  -- A correction of money that no payment of ours asked for has none.
  ADD CONSTRAINT payments_related_payment
    CHECK (CASE kind WHEN 'refund' THEN related_payment_id IS NOT NULL
                     WHEN 'correction' THEN true
                     ELSE related_payment_id IS NULL END) NOT VALID,
  -- Nobody asks for a correction with a key: there is one per break, and the break says so.
  ALTER COLUMN idempotency_key DROP NOT NULL,
  ADD CONSTRAINT payments_key_present
    CHECK ((idempotency_key IS NULL) = (kind = 'correction')) NOT VALID,
  -- Null where the other side is not a bank.
  ALTER COLUMN bank DROP NOT NULL,
  ADD CONSTRAINT payments_bank_present
    CHECK ((bank IS NULL) = (kind IN ('transfer', 'correction'))) NOT VALID;
ALTER TABLE payments VALIDATE CONSTRAINT payments_kind_check;
ALTER TABLE payments VALIDATE CONSTRAINT payments_counter_account;
ALTER TABLE payments VALIDATE CONSTRAINT payments_related_payment;
ALTER TABLE payments VALIDATE CONSTRAINT payments_key_present;
ALTER TABLE payments VALIDATE CONSTRAINT payments_bank_present;
-- What came in by transfer or correction, for the history of whoever received it; what was refunded.
CREATE INDEX payments_received ON payments (counter_account_id, id DESC)
  WHERE counter_account_id IS NOT NULL;
CREATE INDEX payments_related ON payments (related_payment_id) WHERE related_payment_id IS NOT NULL;

-- ── attempts: every word that ended or moved a payment ────────────────────────────────────────────

-- Beside the contacts that we began: the bank's own callback or statement, and an operator's decision.
ALTER TABLE attempts
  DROP CONSTRAINT attempts_contact_check,
  ADD CONSTRAINT attempts_contact_check
    CHECK (contact IN ('submit', 'inquire', 'callback', 'statement', 'operator')) NOT VALID;
ALTER TABLE attempts VALIDATE CONSTRAINT attempts_contact_check;

-- ── breaks: where the bank's word and our books differ ────────────────────────────────────────────

CREATE TABLE breaks (
  id                 uuid PRIMARY KEY,
  kind               text NOT NULL CHECK (kind IN ('missing_in_bank', 'missing_in_books',
                       'amount_differs', 'duplicate', 'contradiction')),
  -- Who said otherwise.
  source             text NOT NULL CHECK (source IN ('submit', 'inquire', 'callback', 'statement')),
  -- The same difference told again, by whomever, is the same break.
  fingerprint        text NOT NULL UNIQUE,
  bank               text NOT NULL,
  -- Null where the bank moved money for nobody we know.
  payment_id         uuid,
  -- As the bank wrote them.
  bank_reference     text,
  bank_transaction_id text,
  currency           text NOT NULL,
  -- Minor units into our books (negative: out of them): by the bank's word, and as booked.
  bank_amount        bigint NOT NULL,
  booked_amount      bigint NOT NULL,
  detail             text NOT NULL,
  -- The reconciliation run that found it; null where a payment's own contact did.
  run_id             uuid,
  found_at           timestamptz NOT NULL,
  state              text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'resolved')),
  -- settled: the unfinished payment was ended by it; corrected: a correcting payment booked the
  -- difference; accepted: a human decided to leave it, with a reason.
  resolution         text CHECK (resolution IN ('settled', 'corrected', 'accepted')),
  resolution_reason  text,
  resolved_by        text,
  resolved_at        timestamptz,
  -- One correcting payment per break, whatever the code does.
  correction_id      uuid UNIQUE,
  CHECK ((state = 'resolved') = (resolved_at IS NOT NULL)),
  CHECK ((state = 'resolved') = (resolution IS NOT NULL)),
  CHECK ((state = 'resolved') = (resolved_by IS NOT NULL)),
  CHECK ((state = 'resolved') = (resolution_reason IS NOT NULL)),
  CHECK ((correction_id IS NOT NULL) = (resolution IS NOT NULL AND resolution = 'corrected'))
);
CREATE INDEX breaks_open ON breaks (found_at) WHERE state = 'open';
CREATE INDEX breaks_payment ON breaks (payment_id) WHERE payment_id IS NOT NULL;
CREATE TRIGGER no_removal BEFORE DELETE OR TRUNCATE ON breaks
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- ── audit_log: who did what ───────────────────────────────────────────────────────────────────────

-- Every row bears the hash of the one before it, so that a row that was changed or taken out shows.
-- Only here: a chain over payments would be one lock for all of them.
CREATE TABLE audit_log (
  seq           bigint PRIMARY KEY,
  at            timestamptz NOT NULL,
  -- user:<id>, key:<id>, cli:<name of the system's user>, system
  actor         text NOT NULL,
  -- As in failed_task.requeue, payment.resolve, api_key.create.
  action        text NOT NULL,
  -- As in payment:<id>.
  subject       text NOT NULL,
  -- JSON; never a secret.
  before        text,
  after         text,
  reason        text,
  request_id    text,
  previous_hash bytea NOT NULL CHECK (length(previous_hash) = 32),
  hash          bytea NOT NULL CHECK (length(hash) = 32)
);
CREATE INDEX audit_log_subject ON audit_log (subject, seq DESC);
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON audit_log
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

GRANT SELECT, INSERT, UPDATE (state, resolution, resolution_reason, resolved_by, resolved_at,
                              correction_id) ON breaks TO tollgate_app;
GRANT SELECT, INSERT ON audit_log TO tollgate_app;
