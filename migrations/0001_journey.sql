-- The journey of a payment: people, accounts, what was asked, how it stands, what the bank said, the
-- books, and the feed of what happened. Forward only; never edited after it has landed.
--
-- Hot tables (payments, payment_state, attempts, postings, events) carry no foreign keys and no row
-- trigger on insert: both were measured at 60 to 70 µs a payment. Zero sums are checked by a
-- statement trigger over the transition table; orphans are the audit's.

-- ── people ────────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE users (
  id            uuid PRIMARY KEY,
  email         text NOT NULL CHECK (email = lower(email) AND length(email) <= 254),
  full_name     text NOT NULL CHECK (length(full_name) BETWEEN 1 AND 200),
  password_hash text NOT NULL,
  role          text NOT NULL DEFAULT 'user' CHECK (role IN ('user', 'operator', 'admin')),
  is_active     boolean NOT NULL DEFAULT true,
  -- Tokens issued before this moment are dead.
  valid_after   timestamptz NOT NULL DEFAULT '-infinity',
  webhook_url   text CHECK (length(webhook_url) <= 2000),
  created_at    timestamptz NOT NULL DEFAULT now()
);
CREATE UNIQUE INDEX users_email ON users (email);

-- ── accounts ──────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE accounts (
  id              uuid PRIMARY KEY,
  kind            text NOT NULL CHECK (kind IN ('user', 'clearing', 'suspense')),
  user_id         uuid REFERENCES users,
  currency        text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
  -- Minor units. A system account keeps no running balance (every payment would queue for that one
  -- row): its balance is the sum of its postings.
  balance         bigint NOT NULL DEFAULT 0,
  held            bigint NOT NULL DEFAULT 0 CHECK (held >= 0),
  overdraft_limit bigint NOT NULL DEFAULT 0 CHECK (overdraft_limit >= 0),
  -- The number and the moment of the newest posting: taken under this row's lock, so that a
  -- statement has one order and no later posting can appear before an earlier one.
  last_seq        bigint NOT NULL DEFAULT 0,
  last_posted_at  timestamptz NOT NULL DEFAULT '-infinity',
  created_at      timestamptz NOT NULL DEFAULT now(),
  CHECK (balance - held >= -overdraft_limit),
  CHECK ((kind = 'user') = (user_id IS NOT NULL)),
  CHECK (kind = 'user' OR (balance = 0 AND held = 0 AND last_seq = 0))
) WITH (fillfactor = 50);
CREATE UNIQUE INDEX accounts_user_currency ON accounts (user_id, currency) WHERE user_id IS NOT NULL;
CREATE UNIQUE INDEX accounts_system ON accounts (kind, currency) WHERE user_id IS NULL;

-- ── payments: what was asked ──────────────────────────────────────────────────────────────────────

CREATE TABLE payments (
  id                uuid PRIMARY KEY,
  user_id           uuid NOT NULL,
  account_id        uuid NOT NULL,
  kind              text NOT NULL CHECK (kind IN ('deposit', 'withdrawal')),
  currency          text NOT NULL,
  amount            bigint NOT NULL CHECK (amount > 0),
  bank              text NOT NULL,
  -- Which function rebuilds the first answer; a later release replays an old one to the byte.
  answer_version    smallint NOT NULL,
  -- Set where accept itself said no: the code of the refusal and the funds that were available then.
  refusal           text,
  refusal_available bigint,
  idempotency_key   text NOT NULL CHECK (length(idempotency_key) BETWEEN 1 AND 255),
  request_id        text NOT NULL,
  description       text,
  -- RFC 8785 text: equal metadata is equal text.
  metadata          text,
  created_at        timestamptz NOT NULL
);
-- PostgreSQL decides idempotency: this index is the decision.
CREATE UNIQUE INDEX payments_idempotency ON payments (user_id, idempotency_key);
CREATE INDEX payments_history ON payments (account_id, id DESC);

-- ── payment_state: how it stands, the narrow row that moves ───────────────────────────────────────

CREATE TABLE payment_state (
  payment_id          uuid PRIMARY KEY,
  status              text NOT NULL
                      CHECK (status IN ('PENDING', 'PROCESSING', 'SUCCESS', 'FAILED', 'PENDING_REVIEW')),
  -- +1 with every claim: a worker whose fence is no longer the row's was overtaken, and stops.
  fence               integer NOT NULL DEFAULT 0,
  -- Counts the status changes; the first is 1.
  version             smallint NOT NULL DEFAULT 1,
  -- What the next contact with the bank is, and not before when. A claim writes 'inquire' here, so a
  -- worker that dies in its call leaves an inquiry behind, never a second submit.
  next_contact        text CHECK (next_contact IN ('submit', 'inquire')),
  contact_at          timestamptz,
  -- When somebody must look at this row again. The sweeper moves it before it sends a hint.
  due_at              timestamptz,
  -- When an outcome that is still unknown becomes a human's business; starts at the first claim.
  deadline_at         timestamptz,
  submits             smallint NOT NULL DEFAULT 0,
  inquiries           smallint NOT NULL DEFAULT 0,
  -- Claims that never brought an outcome: a payment that kills its worker shows here.
  claims_open         smallint NOT NULL DEFAULT 0,
  -- A submit was once unknown. Never cleared.
  unsure              boolean NOT NULL DEFAULT false,
  first_submit_at     timestamptz,
  last_submit_at      timestamptz,
  bank_transaction_id text,
  error_code          text,
  updated_at          timestamptz NOT NULL,
  CHECK ((due_at IS NULL) = (status IN ('SUCCESS', 'FAILED'))),
  CHECK ((next_contact IS NULL) = (due_at IS NULL)),
  CHECK ((contact_at IS NULL) = (due_at IS NULL)),
  CHECK (status <> 'SUCCESS' OR error_code IS NULL),
  CHECK (status <> 'FAILED' OR error_code IS NOT NULL)
) WITH (fillfactor = 70);
CREATE INDEX payment_state_due ON payment_state (due_at) WHERE due_at IS NOT NULL;

-- ── attempts: one row per contact with the bank, written with its outcome ─────────────────────────

CREATE TABLE attempts (
  payment_id uuid NOT NULL,
  fence      integer NOT NULL,
  contact    text NOT NULL CHECK (contact IN ('submit', 'inquire')),
  worker     uuid NOT NULL,
  started_at timestamptz NOT NULL,
  ended_at   timestamptz NOT NULL,
  outcome    text NOT NULL
             CHECK (outcome IN ('approved', 'declined', 'retryable', 'unknown', 'pending', 'not_found')),
  evidence   text NOT NULL,
  PRIMARY KEY (payment_id, fence)
);

-- ── postings: the books ───────────────────────────────────────────────────────────────────────────

CREATE SEQUENCE system_posting_seq CACHE 100;

CREATE TABLE postings (
  account_id    uuid NOT NULL,
  -- Under the account's lock for a user's account; from system_posting_seq for a system account.
  seq           bigint NOT NULL,
  payment_id    uuid NOT NULL,
  amount        bigint NOT NULL CHECK (amount <> 0),
  currency      text NOT NULL,
  -- Null for system accounts.
  balance_after bigint,
  posted_at     timestamptz NOT NULL,
  PRIMARY KEY (account_id, seq)
);
-- One posting per payment and account: a payment cannot be booked twice, whatever the code does.
CREATE UNIQUE INDEX postings_payment ON postings (payment_id, account_id);

CREATE FUNCTION refuse_unbalanced_postings() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  culprit uuid;
BEGIN
  SELECT payment_id INTO culprit FROM new_postings
   GROUP BY payment_id, currency HAVING sum(amount) <> 0 LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'postings of payment % do not sum to zero', culprit USING ERRCODE = 'TG001';
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER postings_balance AFTER INSERT ON postings
  REFERENCING NEW TABLE AS new_postings
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_unbalanced_postings();

-- ── events: the feed of what happened ─────────────────────────────────────────────────────────────

-- A restore raises the epoch, so that a cursor of before is not taken for one of after.
CREATE TABLE feed_epoch (
  one_row boolean PRIMARY KEY DEFAULT true CHECK (one_row),
  epoch   integer NOT NULL
);
INSERT INTO feed_epoch (epoch) VALUES (1);

CREATE SEQUENCE events_n CACHE 100;

-- Ids are not commit order, so the feed is read in the order (epoch, tx, n) below the oldest
-- transaction still running: polling by "id > last" would lose whoever commits late.
CREATE TABLE events (
  payment_id uuid NOT NULL,
  version    smallint NOT NULL,
  user_id    uuid NOT NULL,
  type       text NOT NULL,
  data       text NOT NULL,
  created_at timestamptz NOT NULL,
  epoch      integer NOT NULL,
  tx         xid8 NOT NULL DEFAULT pg_current_xact_id(),
  n          bigint NOT NULL DEFAULT nextval('events_n'),
  -- One event per status change, without gaps or repeats.
  PRIMARY KEY (payment_id, version)
);

-- ── failed_tasks: the dead letters ────────────────────────────────────────────────────────────────

CREATE TABLE failed_tasks (
  payment_id uuid NOT NULL,
  reason     text NOT NULL,
  detail     text NOT NULL,
  times      integer NOT NULL DEFAULT 1,
  first_at   timestamptz NOT NULL,
  last_at    timestamptz NOT NULL,
  closed_at  timestamptz,
  PRIMARY KEY (payment_id, reason)
);

-- ── what the database itself refuses ──────────────────────────────────────────────────────────────

CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'TG002';
END $$;
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON payments
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON postings
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON attempts
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON events
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER no_removal BEFORE DELETE OR TRUNCATE ON payment_state
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

CREATE FUNCTION refuse_second_ending() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'payment % is final as %', OLD.payment_id, OLD.status USING ERRCODE = 'TG003';
END $$;
-- The condition is evaluated without calling the function: a live payment pays nothing for it.
CREATE TRIGGER final_is_final BEFORE UPDATE ON payment_state
  FOR EACH ROW WHEN (OLD.status IN ('SUCCESS', 'FAILED'))
  EXECUTE FUNCTION refuse_second_ending();

-- The second half of "assert the row counts": inside the statement that wrote the rows, so that it can
-- travel in one packet with COMMIT and still stop it.
CREATE FUNCTION assert_count(what text, actual bigint, expected bigint) RETURNS void
LANGUAGE plpgsql AS $$
BEGIN
  IF actual IS DISTINCT FROM expected THEN
    RAISE EXCEPTION '%: % rows written, % expected', what, actual, expected USING ERRCODE = 'TG004';
  END IF;
END $$;

-- ── rights: the application can write, it cannot rewrite ──────────────────────────────────────────

GRANT USAGE ON SCHEMA public TO tollgate_app;
GRANT SELECT, INSERT, UPDATE ON payment_state, failed_tasks TO tollgate_app;
-- What a payment moves, and no more: limits and owners of an account, and who a user is, are the
-- owner's to change.
GRANT SELECT, INSERT, UPDATE (balance, held, last_seq, last_posted_at) ON accounts TO tollgate_app;
GRANT SELECT, INSERT, UPDATE (full_name, password_hash, role, is_active, valid_after, webhook_url)
  ON users TO tollgate_app;
GRANT SELECT, INSERT ON payments, attempts, postings, events TO tollgate_app;
GRANT SELECT ON feed_epoch TO tollgate_app;
GRANT USAGE ON SEQUENCE system_posting_seq, events_n TO tollgate_app;
