-- The bank's statements, held against the books. A run is one statement; what it finds are breaks.

-- ── bank_statements: one row per run ──────────────────────────────────────────────────────────────

CREATE TABLE bank_statements (
  id               uuid PRIMARY KEY,
  bank             text NOT NULL,
  format           text NOT NULL CHECK (format IN ('csv', 'camt053')),
  -- SHA-256 of the file.
  digest           bytea NOT NULL CHECK (length(digest) = 32),
  -- What it can know of: from the first moment to the one after the last.
  period_from      timestamptz NOT NULL,
  period_to        timestamptz NOT NULL,
  line_count       integer NOT NULL CHECK (line_count >= 0),
  imported_by      text NOT NULL,
  started_at       timestamptz NOT NULL,
  completed_at     timestamptz,
  -- running: somebody is at work on it, who holds the lease. interrupted: nobody is; the same file
  -- goes on where it stopped. Its lines count for nobody else until it is complete.
  state            text NOT NULL CHECK (state IN ('running', 'interrupted', 'complete')),
  -- Who is at work, and until when he is believed to be.
  worker           uuid,
  lease_until      timestamptz,
  matched          integer,
  missing_in_bank  integer,
  missing_in_books integer,
  amount_differs   integer,
  duplicate        integer,
  CHECK (period_from < period_to),
  CHECK ((state = 'running') = (worker IS NOT NULL AND lease_until IS NOT NULL)),
  CHECK ((state = 'complete') = (completed_at IS NOT NULL)),
  CHECK ((state = 'complete') = (matched IS NOT NULL AND missing_in_bank IS NOT NULL
                                 AND missing_in_books IS NOT NULL AND amount_differs IS NOT NULL
                                 AND duplicate IS NOT NULL))
);
-- The same file about the same days is the same run: two empty days have one content.
CREATE UNIQUE INDEX bank_statements_content
  ON bank_statements (bank, digest, period_from, period_to);
-- One at a time for each bank: two that do not see each other's lines would both miss a duplicate.
CREATE UNIQUE INDEX bank_statements_running ON bank_statements (bank) WHERE state = 'running';

-- ── bank_statement_lines: what the bank says that it moved ────────────────────────────────────────

CREATE TABLE bank_statement_lines (
  statement_id        uuid NOT NULL,
  -- Of the file (CSV), or the number of the entry (camt.053).
  line                integer NOT NULL,
  -- As the bank wrote them.
  reference           text NOT NULL,
  bank_transaction_id text NOT NULL,
  currency            text NOT NULL,
  -- Minor units into our books; negative: out of them.
  amount              bigint NOT NULL CHECK (amount <> 0),
  executed_at         timestamptz NOT NULL,
  result              text CHECK (result IN ('matched', 'missing_in_books', 'amount_differs',
                                             'duplicate')),
  PRIMARY KEY (statement_id, line)
);
-- What else the bank moved under a reference, in whatever statement.
CREATE INDEX bank_statement_lines_reference ON bank_statement_lines (reference);

-- ── bank_statement_breaks: what a run found, newly or again ───────────────────────────────────────

CREATE TABLE bank_statement_breaks (
  statement_id uuid NOT NULL,
  break_id     uuid NOT NULL,
  PRIMARY KEY (statement_id, break_id)
);
CREATE INDEX bank_statement_breaks_break ON bank_statement_breaks (break_id);

CREATE TRIGGER no_removal BEFORE DELETE OR TRUNCATE ON bank_statements
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER no_removal BEFORE DELETE OR TRUNCATE ON bank_statement_lines
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON bank_statement_breaks
  FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

GRANT SELECT, INSERT, UPDATE (state, worker, lease_until, completed_at, matched, missing_in_bank,
                              missing_in_books, amount_differs, duplicate)
  ON bank_statements TO tollgate_app;
GRANT SELECT, INSERT, UPDATE (result) ON bank_statement_lines TO tollgate_app;
GRANT SELECT, INSERT ON bank_statement_breaks TO tollgate_app;

-- What is booked is known when a break is corrected: an unfinished payment may have ended since.
GRANT UPDATE (booked_amount) ON breaks TO tollgate_app;
