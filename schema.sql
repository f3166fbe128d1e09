-- The schema after the last migration: made by "npm run db:dump", never edited by hand.
-- src/db/schema.test.ts compares it with the migrations.

-- ── sequences ──

CREATE SEQUENCE events_n AS bigint INCREMENT 1 START 1 CACHE 100;
CREATE SEQUENCE system_posting_seq AS bigint INCREMENT 1 START 1 CACHE 100;

-- ── tables ──

CREATE TABLE accounts (
  id                       uuid NOT NULL,
  kind                     text NOT NULL,
  user_id                  uuid,
  currency                 text NOT NULL,
  balance                  bigint NOT NULL DEFAULT 0,
  held                     bigint NOT NULL DEFAULT 0,
  overdraft_limit          bigint NOT NULL DEFAULT 0,
  last_seq                 bigint NOT NULL DEFAULT 0,
  last_posted_at           timestamp with time zone NOT NULL DEFAULT '-infinity'::timestamp with time zone,
  created_at               timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT accounts_pkey PRIMARY KEY (id),
  CONSTRAINT accounts_check CHECK (((balance - held) >= (- overdraft_limit))),
  CONSTRAINT accounts_check1 CHECK (((kind = 'user'::text) = (user_id IS NOT NULL))),
  CONSTRAINT accounts_check2 CHECK (((kind = 'user'::text) OR ((balance = 0) AND (held = 0) AND (last_seq = 0)))),
  CONSTRAINT accounts_currency_check CHECK ((currency ~ '^[A-Z]{3}$'::text)),
  CONSTRAINT accounts_held_check CHECK ((held >= 0)),
  CONSTRAINT accounts_kind_check CHECK ((kind = ANY (ARRAY['user'::text, 'clearing'::text, 'suspense'::text]))),
  CONSTRAINT accounts_overdraft_limit_check CHECK ((overdraft_limit >= 0))
) WITH (fillfactor=50);

CREATE TABLE api_keys (
  id                       uuid NOT NULL,
  user_id                  uuid NOT NULL,
  name                     text NOT NULL,
  prefix                   text NOT NULL,
  hash                     bytea NOT NULL,
  scopes                   text[] NOT NULL,
  created_at               timestamp with time zone NOT NULL,
  expires_at               timestamp with time zone,
  revoked_at               timestamp with time zone,
  last_used_at             timestamp with time zone,
  rotated_to               uuid,
  CONSTRAINT api_keys_pkey PRIMARY KEY (id),
  CONSTRAINT api_keys_check CHECK (((rotated_to IS NULL) OR (expires_at IS NOT NULL))),
  CONSTRAINT api_keys_hash_check CHECK ((length(hash) = 32)),
  CONSTRAINT api_keys_name_check CHECK (((length(name) >= 1) AND (length(name) <= 100))),
  CONSTRAINT api_keys_prefix_check CHECK ((length(prefix) <= 20)),
  CONSTRAINT api_keys_scopes_check CHECK ((((cardinality(scopes) >= 1) AND (cardinality(scopes) <= 5)) AND (scopes <@ ARRAY['deposits:write'::text, 'withdrawals:write'::text, 'read'::text, 'webhooks:write'::text, 'admin:*'::text])))
);

CREATE TABLE attempts (
  payment_id               uuid NOT NULL,
  fence                    integer NOT NULL,
  contact                  text NOT NULL,
  worker                   uuid NOT NULL,
  started_at               timestamp with time zone NOT NULL,
  ended_at                 timestamp with time zone NOT NULL,
  outcome                  text NOT NULL,
  evidence                 text NOT NULL,
  CONSTRAINT attempts_pkey PRIMARY KEY (payment_id, fence),
  CONSTRAINT attempts_contact_check CHECK ((contact = ANY (ARRAY['submit'::text, 'inquire'::text, 'callback'::text, 'statement'::text, 'operator'::text]))),
  CONSTRAINT attempts_outcome_check CHECK ((outcome = ANY (ARRAY['approved'::text, 'declined'::text, 'retryable'::text, 'unknown'::text, 'pending'::text, 'not_found'::text])))
);

CREATE TABLE audit_log (
  seq                      bigint NOT NULL,
  at                       timestamp with time zone NOT NULL,
  actor                    text NOT NULL,
  action                   text NOT NULL,
  subject                  text NOT NULL,
  before                   text,
  after                    text,
  reason                   text,
  request_id               text,
  previous_hash            bytea NOT NULL,
  hash                     bytea NOT NULL,
  CONSTRAINT audit_log_pkey PRIMARY KEY (seq),
  CONSTRAINT audit_log_hash_check CHECK ((length(hash) = 32)),
  CONSTRAINT audit_log_previous_hash_check CHECK ((length(previous_hash) = 32))
);

CREATE TABLE bank_callback_refusals (
  sender                   text NOT NULL,
  times                    bigint NOT NULL DEFAULT 1,
  last_digest              text NOT NULL,
  first_at                 timestamp with time zone NOT NULL,
  last_at                  timestamp with time zone NOT NULL,
  CONSTRAINT bank_callback_refusals_pkey PRIMARY KEY (sender)
);

CREATE TABLE bank_callbacks (
  id                       uuid NOT NULL,
  bank                     text NOT NULL,
  event_id                 text NOT NULL,
  body                     bytea NOT NULL,
  payment_id               uuid,
  status                   text,
  verdict                  text NOT NULL,
  detail                   text NOT NULL,
  request_id               text NOT NULL,
  times                    integer NOT NULL DEFAULT 1,
  received_at              timestamp with time zone NOT NULL,
  last_received_at         timestamp with time zone NOT NULL,
  CONSTRAINT bank_callbacks_pkey PRIMARY KEY (id),
  CONSTRAINT bank_callbacks_bank_event_id_key UNIQUE (bank, event_id),
  CONSTRAINT bank_callbacks_body_check CHECK ((length(body) <= 65536)),
  CONSTRAINT bank_callbacks_event_id_check CHECK (((length(event_id) >= 1) AND (length(event_id) <= 200))),
  CONSTRAINT bank_callbacks_verdict_check CHECK ((verdict = ANY (ARRAY['inquiry_due'::text, 'settled'::text, 'agrees'::text, 'no_news'::text, 'contradiction'::text, 'amount_differs'::text, 'settling'::text, 'unproven'::text, 'unknown_payment'::text, 'unreadable'::text, 'stale'::text])))
);

CREATE TABLE bank_statement_breaks (
  statement_id             uuid NOT NULL,
  break_id                 uuid NOT NULL,
  CONSTRAINT bank_statement_breaks_pkey PRIMARY KEY (statement_id, break_id)
);

CREATE TABLE bank_statement_lines (
  statement_id             uuid NOT NULL,
  line                     integer NOT NULL,
  reference                text NOT NULL,
  bank_transaction_id      text NOT NULL,
  currency                 text NOT NULL,
  amount                   bigint NOT NULL,
  executed_at              timestamp with time zone NOT NULL,
  result                   text,
  CONSTRAINT bank_statement_lines_pkey PRIMARY KEY (statement_id, line),
  CONSTRAINT bank_statement_lines_amount_check CHECK ((amount <> 0)),
  CONSTRAINT bank_statement_lines_result_check CHECK ((result = ANY (ARRAY['matched'::text, 'missing_in_books'::text, 'amount_differs'::text, 'duplicate'::text])))
);

CREATE TABLE bank_statements (
  id                       uuid NOT NULL,
  bank                     text NOT NULL,
  format                   text NOT NULL,
  digest                   bytea NOT NULL,
  period_from              timestamp with time zone NOT NULL,
  period_to                timestamp with time zone NOT NULL,
  line_count               integer NOT NULL,
  imported_by              text NOT NULL,
  started_at               timestamp with time zone NOT NULL,
  completed_at             timestamp with time zone,
  state                    text NOT NULL,
  worker                   uuid,
  lease_until              timestamp with time zone,
  matched                  integer,
  missing_in_bank          integer,
  missing_in_books         integer,
  amount_differs           integer,
  duplicate                integer,
  CONSTRAINT bank_statements_pkey PRIMARY KEY (id),
  CONSTRAINT bank_statements_check CHECK ((period_from < period_to)),
  CONSTRAINT bank_statements_check1 CHECK (((state = 'running'::text) = ((worker IS NOT NULL) AND (lease_until IS NOT NULL)))),
  CONSTRAINT bank_statements_check2 CHECK (((state = 'complete'::text) = (completed_at IS NOT NULL))),
  CONSTRAINT bank_statements_check3 CHECK (((state = 'complete'::text) = ((matched IS NOT NULL) AND (missing_in_bank IS NOT NULL) AND (missing_in_books IS NOT NULL) AND (amount_differs IS NOT NULL) AND (duplicate IS NOT NULL)))),
  CONSTRAINT bank_statements_digest_check CHECK ((length(digest) = 32)),
  CONSTRAINT bank_statements_format_check CHECK ((format = ANY (ARRAY['csv'::text, 'camt053'::text]))),
  CONSTRAINT bank_statements_line_count_check CHECK ((line_count >= 0)),
  CONSTRAINT bank_statements_state_check CHECK ((state = ANY (ARRAY['running'::text, 'interrupted'::text, 'complete'::text])))
);

CREATE TABLE breaks (
  id                       uuid NOT NULL,
  kind                     text NOT NULL,
  source                   text NOT NULL,
  fingerprint              text NOT NULL,
  bank                     text NOT NULL,
  payment_id               uuid,
  bank_reference           text,
  bank_transaction_id      text,
  currency                 text NOT NULL,
  bank_amount              bigint NOT NULL,
  booked_amount            bigint NOT NULL,
  detail                   text NOT NULL,
  run_id                   uuid,
  found_at                 timestamp with time zone NOT NULL,
  state                    text NOT NULL DEFAULT 'open'::text,
  resolution               text,
  resolution_reason        text,
  resolved_by              text,
  resolved_at              timestamp with time zone,
  correction_id            uuid,
  CONSTRAINT breaks_pkey PRIMARY KEY (id),
  CONSTRAINT breaks_check CHECK (((state = 'resolved'::text) = (resolved_at IS NOT NULL))),
  CONSTRAINT breaks_check1 CHECK (((state = 'resolved'::text) = (resolution IS NOT NULL))),
  CONSTRAINT breaks_check2 CHECK (((state = 'resolved'::text) = (resolved_by IS NOT NULL))),
  CONSTRAINT breaks_check3 CHECK (((state = 'resolved'::text) = (resolution_reason IS NOT NULL))),
  CONSTRAINT breaks_check4 CHECK (((correction_id IS NOT NULL) = ((resolution IS NOT NULL) AND (resolution = 'corrected'::text)))),
  CONSTRAINT breaks_correction_id_key UNIQUE (correction_id),
  CONSTRAINT breaks_fingerprint_key UNIQUE (fingerprint),
  CONSTRAINT breaks_kind_check CHECK ((kind = ANY (ARRAY['missing_in_bank'::text, 'missing_in_books'::text, 'amount_differs'::text, 'duplicate'::text, 'contradiction'::text]))),
  CONSTRAINT breaks_resolution_check CHECK ((resolution = ANY (ARRAY['settled'::text, 'corrected'::text, 'accepted'::text]))),
  CONSTRAINT breaks_source_check CHECK ((source = ANY (ARRAY['submit'::text, 'inquire'::text, 'callback'::text, 'statement'::text]))),
  CONSTRAINT breaks_state_check CHECK ((state = ANY (ARRAY['open'::text, 'resolved'::text])))
);

CREATE TABLE events (
  payment_id               uuid NOT NULL,
  version                  smallint NOT NULL,
  user_id                  uuid NOT NULL,
  type                     text NOT NULL,
  data                     text NOT NULL,
  created_at               timestamp with time zone NOT NULL,
  epoch                    integer NOT NULL,
  tx                       xid8 NOT NULL DEFAULT pg_current_xact_id(),
  n                        bigint NOT NULL DEFAULT nextval('events_n'::regclass),
  CONSTRAINT events_pkey PRIMARY KEY (payment_id, version)
);

CREATE TABLE failed_tasks (
  payment_id               uuid,
  reason                   text NOT NULL,
  detail                   text NOT NULL,
  times                    integer NOT NULL DEFAULT 1,
  first_at                 timestamp with time zone NOT NULL,
  last_at                  timestamp with time zone NOT NULL,
  closed_at                timestamp with time zone,
  id                       uuid NOT NULL DEFAULT gen_random_uuid(),
  subject                  text,
  history                  jsonb NOT NULL DEFAULT '[]'::jsonb,
  closed_by                text,
  closed_note              text,
  requeued_at              timestamp with time zone,
  requeued_by              text,
  CONSTRAINT failed_tasks_pkey PRIMARY KEY (id),
  CONSTRAINT failed_tasks_closed_by CHECK (((closed_at IS NULL) OR (closed_by IS NOT NULL))),
  CONSTRAINT failed_tasks_history_check CHECK (((jsonb_typeof(history) = 'array'::text) AND (jsonb_array_length(history) <= 20))),
  CONSTRAINT failed_tasks_of_somebody CHECK (((payment_id IS NULL) = (subject IS NOT NULL))),
  CONSTRAINT failed_tasks_subject_check CHECK (((length(subject) >= 1) AND (length(subject) <= 200)))
);

CREATE TABLE feed_epoch (
  one_row                  boolean NOT NULL DEFAULT true,
  epoch                    integer NOT NULL,
  CONSTRAINT feed_epoch_pkey PRIMARY KEY (one_row),
  CONSTRAINT feed_epoch_one_row_check CHECK (one_row)
);

CREATE TABLE payment_state (
  payment_id               uuid NOT NULL,
  status                   text NOT NULL,
  fence                    integer NOT NULL DEFAULT 0,
  version                  smallint NOT NULL DEFAULT 1,
  next_contact             text,
  contact_at               timestamp with time zone,
  due_at                   timestamp with time zone,
  deadline_at              timestamp with time zone,
  submits                  smallint NOT NULL DEFAULT 0,
  inquiries                smallint NOT NULL DEFAULT 0,
  claims_open              smallint NOT NULL DEFAULT 0,
  unsure                   boolean NOT NULL DEFAULT false,
  first_submit_at          timestamp with time zone,
  last_submit_at           timestamp with time zone,
  bank_transaction_id      text,
  error_code               text,
  updated_at               timestamp with time zone NOT NULL,
  CONSTRAINT payment_state_pkey PRIMARY KEY (payment_id),
  CONSTRAINT payment_state_check CHECK (((due_at IS NULL) = (status = ANY (ARRAY['SUCCESS'::text, 'FAILED'::text])))),
  CONSTRAINT payment_state_check1 CHECK (((next_contact IS NULL) = (due_at IS NULL))),
  CONSTRAINT payment_state_check2 CHECK (((contact_at IS NULL) = (due_at IS NULL))),
  CONSTRAINT payment_state_check3 CHECK (((status <> 'SUCCESS'::text) OR (error_code IS NULL))),
  CONSTRAINT payment_state_check4 CHECK (((status <> 'FAILED'::text) OR (error_code IS NOT NULL))),
  CONSTRAINT payment_state_next_contact_check CHECK ((next_contact = ANY (ARRAY['submit'::text, 'inquire'::text]))),
  CONSTRAINT payment_state_status_check CHECK ((status = ANY (ARRAY['PENDING'::text, 'PROCESSING'::text, 'SUCCESS'::text, 'FAILED'::text, 'PENDING_REVIEW'::text])))
) WITH (fillfactor=70);

CREATE TABLE payments (
  id                       uuid NOT NULL,
  user_id                  uuid NOT NULL,
  account_id               uuid NOT NULL,
  kind                     text NOT NULL,
  currency                 text NOT NULL,
  amount                   bigint NOT NULL,
  bank                     text,
  answer_version           smallint NOT NULL,
  refusal                  text,
  refusal_available        bigint,
  idempotency_key          text,
  request_id               text NOT NULL,
  description              text,
  metadata                 text,
  created_at               timestamp with time zone NOT NULL,
  counter_account_id       uuid,
  related_payment_id       uuid,
  CONSTRAINT payments_pkey PRIMARY KEY (id),
  CONSTRAINT payments_amount_check CHECK ((amount > 0)),
  CONSTRAINT payments_bank_present CHECK (((bank IS NULL) = (kind = ANY (ARRAY['transfer'::text, 'correction'::text])))),
  CONSTRAINT payments_counter_account CHECK (((counter_account_id IS NOT NULL) = (kind = ANY (ARRAY['transfer'::text, 'correction'::text])))),
  CONSTRAINT payments_idempotency_key_check CHECK (((length(idempotency_key) >= 1) AND (length(idempotency_key) <= 255))),
  CONSTRAINT payments_key_present CHECK (((idempotency_key IS NULL) = (kind = 'correction'::text))),
  CONSTRAINT payments_kind_check CHECK ((kind = ANY (ARRAY['deposit'::text, 'withdrawal'::text, 'transfer'::text, 'refund'::text, 'correction'::text]))),
  CONSTRAINT payments_related_payment CHECK (
CASE kind
    WHEN 'refund'::text THEN (related_payment_id IS NOT NULL)
    WHEN 'correction'::text THEN true
    ELSE (related_payment_id IS NULL)
END)
);

CREATE TABLE postings (
  account_id               uuid NOT NULL,
  seq                      bigint NOT NULL,
  payment_id               uuid NOT NULL,
  amount                   bigint NOT NULL,
  currency                 text NOT NULL,
  balance_after            bigint,
  posted_at                timestamp with time zone NOT NULL,
  CONSTRAINT postings_pkey PRIMARY KEY (account_id, seq),
  CONSTRAINT postings_amount_check CHECK ((amount <> 0))
);

CREATE TABLE refresh_tokens (
  hash                     bytea NOT NULL,
  session_id               uuid NOT NULL,
  issued_at                timestamp with time zone NOT NULL,
  expires_at               timestamp with time zone NOT NULL,
  rotated_at               timestamp with time zone,
  CONSTRAINT refresh_tokens_pkey PRIMARY KEY (hash),
  CONSTRAINT refresh_tokens_hash_check CHECK ((length(hash) = 32))
);

CREATE TABLE schema_migrations (
  version                  integer NOT NULL,
  name                     text NOT NULL,
  checksum                 text NOT NULL,
  applied_at               timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT schema_migrations_pkey PRIMARY KEY (version)
);

CREATE TABLE sessions (
  id                       uuid NOT NULL,
  user_id                  uuid NOT NULL,
  created_at               timestamp with time zone NOT NULL,
  expires_at               timestamp with time zone NOT NULL,
  ended_at                 timestamp with time zone,
  ended_by                 text,
  CONSTRAINT sessions_pkey PRIMARY KEY (id),
  CONSTRAINT sessions_check CHECK (((ended_at IS NULL) = (ended_by IS NULL))),
  CONSTRAINT sessions_ended_by_check CHECK ((ended_by = ANY (ARRAY['logout'::text, 'reuse'::text, 'too_many'::text, 'password'::text, 'administrator'::text])))
);

CREATE TABLE users (
  id                       uuid NOT NULL,
  email                    text NOT NULL,
  full_name                text NOT NULL,
  password_hash            text NOT NULL,
  role                     text NOT NULL DEFAULT 'user'::text,
  is_active                boolean NOT NULL DEFAULT true,
  valid_after              timestamp with time zone NOT NULL DEFAULT '-infinity'::timestamp with time zone,
  webhook_url              text,
  created_at               timestamp with time zone NOT NULL DEFAULT now(),
  CONSTRAINT users_pkey PRIMARY KEY (id),
  CONSTRAINT users_email_check CHECK (((email = lower(email)) AND (length(email) <= 254))),
  CONSTRAINT users_full_name_check CHECK (((length(full_name) >= 1) AND (length(full_name) <= 200))),
  CONSTRAINT users_role_check CHECK ((role = ANY (ARRAY['user'::text, 'operator'::text, 'admin'::text]))),
  CONSTRAINT users_webhook_url_check CHECK ((length(webhook_url) <= 2000))
);

CREATE TABLE webhook_attempts (
  delivery_id              uuid NOT NULL,
  fence                    integer NOT NULL,
  worker                   uuid NOT NULL,
  started_at               timestamp with time zone NOT NULL,
  latency_ms               integer NOT NULL,
  status                   smallint,
  error                    text,
  answer                   text,
  CONSTRAINT webhook_attempts_pkey PRIMARY KEY (delivery_id, fence),
  CONSTRAINT webhook_attempts_answer_check CHECK ((length(answer) <= 4096)),
  CONSTRAINT webhook_attempts_latency_ms_check CHECK ((latency_ms >= 0))
);

CREATE TABLE webhook_deliveries (
  id                       uuid NOT NULL,
  endpoint_id              uuid NOT NULL,
  user_id                  uuid NOT NULL,
  type                     text NOT NULL,
  payment_id               uuid,
  version                  smallint,
  data                     text,
  body_version             smallint NOT NULL DEFAULT 1,
  occurred_at              timestamp with time zone NOT NULL,
  state                    text NOT NULL DEFAULT 'pending'::text,
  due_at                   timestamp with time zone,
  fence                    integer NOT NULL DEFAULT 0,
  failures                 smallint NOT NULL DEFAULT 0,
  ended_at                 timestamp with time zone,
  CONSTRAINT webhook_deliveries_pkey PRIMARY KEY (id),
  CONSTRAINT webhook_deliveries_check CHECK (((due_at IS NULL) = (state <> 'pending'::text))),
  CONSTRAINT webhook_deliveries_check1 CHECK (((ended_at IS NULL) = (state = 'pending'::text))),
  CONSTRAINT webhook_deliveries_check2 CHECK (((payment_id IS NULL) = (version IS NULL))),
  CONSTRAINT webhook_deliveries_check3 CHECK (((payment_id IS NULL) = (data IS NOT NULL))),
  CONSTRAINT webhook_deliveries_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'delivered'::text, 'failed'::text, 'cancelled'::text])))
);

CREATE TABLE webhook_endpoints (
  id                       uuid NOT NULL,
  user_id                  uuid NOT NULL,
  url                      text NOT NULL,
  description              text,
  event_types              text[],
  state                    text NOT NULL DEFAULT 'enabled'::text,
  disabled_why             text,
  disabled_at              timestamp with time zone,
  secret                   bytea,
  previous_secret          bytea,
  previous_secret_until    timestamp with time zone,
  failing_since            timestamp with time zone,
  slow_until               timestamp with time zone,
  matches_since            timestamp with time zone NOT NULL,
  created_at               timestamp with time zone NOT NULL,
  updated_at               timestamp with time zone NOT NULL,
  CONSTRAINT webhook_endpoints_pkey PRIMARY KEY (id),
  CONSTRAINT webhook_endpoints_check CHECK (((state = 'disabled'::text) = (disabled_why IS NOT NULL))),
  CONSTRAINT webhook_endpoints_check1 CHECK (((state = 'disabled'::text) = (disabled_at IS NOT NULL))),
  CONSTRAINT webhook_endpoints_check2 CHECK (((state = 'deleted'::text) = (secret IS NULL))),
  CONSTRAINT webhook_endpoints_check3 CHECK (((previous_secret IS NULL) = (previous_secret_until IS NULL))),
  CONSTRAINT webhook_endpoints_description_check CHECK ((length(description) <= 500)),
  CONSTRAINT webhook_endpoints_disabled_why_check CHECK ((disabled_why = ANY (ARRAY['owner'::text, 'gone'::text, 'failing'::text]))),
  CONSTRAINT webhook_endpoints_event_types_check CHECK (((cardinality(event_types) >= 1) AND (cardinality(event_types) <= 50))),
  CONSTRAINT webhook_endpoints_state_check CHECK ((state = ANY (ARRAY['enabled'::text, 'disabled'::text, 'deleted'::text]))),
  CONSTRAINT webhook_endpoints_url_check CHECK (((length(url) >= 1) AND (length(url) <= 2000)))
) WITH (fillfactor=70);

CREATE TABLE workers (
  id                       uuid NOT NULL,
  role                     text NOT NULL,
  host                     text NOT NULL,
  pid                      integer NOT NULL,
  version                  text NOT NULL,
  started_at               timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
  heartbeat_at             timestamp with time zone NOT NULL DEFAULT clock_timestamp(),
  in_flight                integer NOT NULL,
  in_flight_max            integer NOT NULL,
  breakers                 jsonb NOT NULL,
  stopping                 boolean NOT NULL DEFAULT false,
  CONSTRAINT workers_pkey PRIMARY KEY (id),
  CONSTRAINT workers_role_check CHECK ((role = ANY (ARRAY['all'::text, 'api'::text, 'worker'::text])))
);

-- ── foreign keys ──

ALTER TABLE accounts ADD CONSTRAINT accounts_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE api_keys ADD CONSTRAINT api_keys_rotated_to_fkey FOREIGN KEY (rotated_to) REFERENCES api_keys(id);
ALTER TABLE api_keys ADD CONSTRAINT api_keys_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE refresh_tokens ADD CONSTRAINT refresh_tokens_session_id_fkey FOREIGN KEY (session_id) REFERENCES sessions(id) ON DELETE CASCADE;
ALTER TABLE sessions ADD CONSTRAINT sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);
ALTER TABLE webhook_endpoints ADD CONSTRAINT webhook_endpoints_user_id_fkey FOREIGN KEY (user_id) REFERENCES users(id);

-- ── indexes (beside those of the constraints) ──

CREATE UNIQUE INDEX accounts_system ON public.accounts USING btree (kind, currency) WHERE (user_id IS NULL);
CREATE UNIQUE INDEX accounts_user_currency ON public.accounts USING btree (user_id, currency) WHERE (user_id IS NOT NULL);
CREATE UNIQUE INDEX api_keys_hash ON public.api_keys USING btree (hash);
CREATE INDEX api_keys_user ON public.api_keys USING btree (user_id, id DESC);
CREATE INDEX audit_log_subject ON public.audit_log USING btree (subject, seq DESC);
CREATE INDEX bank_callbacks_open ON public.bank_callbacks USING btree (received_at) WHERE (verdict = 'inquiry_due'::text);
CREATE INDEX bank_callbacks_payment ON public.bank_callbacks USING btree (payment_id) WHERE (payment_id IS NOT NULL);
CREATE INDEX bank_callbacks_unusable ON public.bank_callbacks USING btree (received_at) WHERE (verdict = ANY (ARRAY['settling'::text, 'unproven'::text, 'unknown_payment'::text, 'unreadable'::text, 'stale'::text]));
CREATE INDEX bank_statement_breaks_break ON public.bank_statement_breaks USING btree (break_id);
CREATE INDEX bank_statement_lines_reference ON public.bank_statement_lines USING btree (reference);
CREATE UNIQUE INDEX bank_statements_content ON public.bank_statements USING btree (bank, digest, period_from, period_to);
CREATE UNIQUE INDEX bank_statements_running ON public.bank_statements USING btree (bank) WHERE (state = 'running'::text);
CREATE INDEX breaks_open ON public.breaks USING btree (found_at) WHERE (state = 'open'::text);
CREATE INDEX breaks_payment ON public.breaks USING btree (payment_id) WHERE (payment_id IS NOT NULL);
CREATE INDEX events_feed ON public.events USING btree (epoch, tx, n);
CREATE INDEX failed_tasks_newest ON public.failed_tasks USING btree (first_at DESC, id DESC);
CREATE UNIQUE INDEX failed_tasks_payment ON public.failed_tasks USING btree (payment_id, reason);
CREATE UNIQUE INDEX failed_tasks_subject ON public.failed_tasks USING btree (subject, reason) WHERE (payment_id IS NULL);
CREATE INDEX payment_state_bank ON public.payment_state USING btree (bank_transaction_id) WHERE (bank_transaction_id IS NOT NULL);
CREATE INDEX payment_state_due ON public.payment_state USING btree (due_at) WHERE (due_at IS NOT NULL);
CREATE INDEX payments_history ON public.payments USING btree (account_id, id DESC);
CREATE UNIQUE INDEX payments_idempotency ON public.payments USING btree (user_id, idempotency_key);
CREATE INDEX payments_received ON public.payments USING btree (counter_account_id, id DESC) WHERE (counter_account_id IS NOT NULL);
CREATE INDEX payments_related ON public.payments USING btree (related_payment_id) WHERE (related_payment_id IS NOT NULL);
CREATE UNIQUE INDEX postings_payment ON public.postings USING btree (payment_id, account_id);
CREATE INDEX refresh_tokens_session ON public.refresh_tokens USING btree (session_id);
CREATE INDEX sessions_user ON public.sessions USING btree (user_id, id DESC);
CREATE INDEX users_admins ON public.users USING btree (id) WHERE (role = 'admin'::text);
CREATE UNIQUE INDEX users_email ON public.users USING btree (email);
CREATE INDEX users_email_prefix ON public.users USING btree (email COLLATE "C");
CREATE INDEX webhook_deliveries_due ON public.webhook_deliveries USING btree (due_at) WHERE (due_at IS NOT NULL);
CREATE INDEX webhook_deliveries_endpoint ON public.webhook_deliveries USING btree (endpoint_id, id);
CREATE INDEX webhook_deliveries_missed ON public.webhook_deliveries USING btree (endpoint_id, id) WHERE (state = ANY (ARRAY['failed'::text, 'cancelled'::text]));
CREATE INDEX webhook_endpoints_user ON public.webhook_endpoints USING btree (user_id, id);

-- ── functions ──

CREATE OR REPLACE FUNCTION public.assert_count(what text, actual bigint, expected bigint)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
BEGIN
  IF actual IS DISTINCT FROM expected THEN
    RAISE EXCEPTION '%: % rows written, % expected', what, actual, expected USING ERRCODE = 'TG004';
  END IF;
END $function$;

CREATE OR REPLACE FUNCTION public.failed_task_history(at timestamp with time zone, detail text)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
AS $function$
  SELECT jsonb_build_array(jsonb_build_object(
    'at', to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'detail', detail))
$function$;

CREATE OR REPLACE FUNCTION public.failed_task_history(before jsonb, later jsonb)
 RETURNS jsonb
 LANGUAGE sql
 IMMUTABLE
AS $function$
  SELECT jsonb_path_query_array(before || later, '$[last - 19 to last]')
$function$;

CREATE OR REPLACE FUNCTION public.make_webhook_deliveries()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
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
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_change()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP USING ERRCODE = 'TG002';
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_second_ending()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
BEGIN
  RAISE EXCEPTION 'payment % is final as %', OLD.payment_id, OLD.status USING ERRCODE = 'TG003';
END $function$;

CREATE OR REPLACE FUNCTION public.refuse_unbalanced_postings()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
DECLARE
  culprit uuid;
BEGIN
  SELECT payment_id INTO culprit FROM new_postings
   GROUP BY payment_id, currency HAVING sum(amount) <> 0 LIMIT 1;
  IF FOUND THEN
    RAISE EXCEPTION 'postings of payment % do not sum to zero', culprit USING ERRCODE = 'TG001';
  END IF;
  RETURN NULL;
END $function$;

CREATE OR REPLACE FUNCTION public.webhook_delivery_id(payment_id uuid, version smallint, endpoint_id uuid, at timestamp with time zone)
 RETURNS uuid
 LANGUAGE sql
 STABLE
AS $function$
  SELECT (lpad(to_hex(floor(extract(epoch FROM at) * 1000)::bigint), 12, '0') || '8' ||
          overlay(substr(md5(payment_id::text || version || endpoint_id::text), 1, 19)
                  PLACING '8' FROM 4 FOR 1))::uuid
$function$;

CREATE OR REPLACE FUNCTION public.webhook_id_from(at timestamp with time zone)
 RETURNS uuid
 LANGUAGE sql
 STABLE
AS $function$
  SELECT (lpad(to_hex(floor(extract(epoch FROM at) * 1000)::bigint), 12, '0') ||
          repeat('0', 20))::uuid
$function$;

-- ── triggers ──

CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON attempts FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON audit_log FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER no_removal BEFORE DELETE OR TRUNCATE ON bank_callbacks FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON bank_statement_breaks FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER no_removal BEFORE DELETE OR TRUNCATE ON bank_statement_lines FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER no_removal BEFORE DELETE OR TRUNCATE ON bank_statements FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER no_removal BEFORE DELETE OR TRUNCATE ON breaks FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON events FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER webhook_deliveries AFTER INSERT ON events REFERENCING NEW TABLE AS new_events FOR EACH STATEMENT EXECUTE FUNCTION make_webhook_deliveries();
CREATE TRIGGER final_is_final BEFORE UPDATE ON payment_state FOR EACH ROW WHEN (old.status = ANY (ARRAY['SUCCESS'::text, 'FAILED'::text])) EXECUTE FUNCTION refuse_second_ending();
CREATE TRIGGER no_removal BEFORE DELETE OR TRUNCATE ON payment_state FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON payments FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON postings FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER postings_balance AFTER INSERT ON postings REFERENCING NEW TABLE AS new_postings FOR EACH STATEMENT EXECUTE FUNCTION refuse_unbalanced_postings();
CREATE TRIGGER append_only BEFORE DELETE OR UPDATE OR TRUNCATE ON webhook_attempts FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER no_removal BEFORE DELETE OR TRUNCATE ON webhook_deliveries FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();
CREATE TRIGGER no_removal BEFORE DELETE OR TRUNCATE ON webhook_endpoints FOR EACH STATEMENT EXECUTE FUNCTION refuse_change();

-- ── rights (the owner has all of them) ──

GRANT USAGE ON SCHEMA public TO PUBLIC;
GRANT USAGE ON SCHEMA public TO tollgate_app;
GRANT USAGE ON SEQUENCE events_n TO tollgate_app;
GRANT USAGE ON SEQUENCE system_posting_seq TO tollgate_app;
GRANT INSERT, SELECT, UPDATE (balance), UPDATE (held), UPDATE (last_posted_at), UPDATE (last_seq) ON TABLE accounts TO tollgate_app;
GRANT INSERT, SELECT, UPDATE (expires_at), UPDATE (last_used_at), UPDATE (revoked_at), UPDATE (rotated_to) ON TABLE api_keys TO tollgate_app;
GRANT INSERT, SELECT ON TABLE attempts TO tollgate_app;
GRANT INSERT, SELECT ON TABLE audit_log TO tollgate_app;
GRANT INSERT, SELECT, UPDATE (last_at), UPDATE (last_digest), UPDATE (times) ON TABLE bank_callback_refusals TO tollgate_app;
GRANT INSERT, SELECT, UPDATE (detail), UPDATE (last_received_at), UPDATE (payment_id), UPDATE (times), UPDATE (verdict) ON TABLE bank_callbacks TO tollgate_app;
GRANT INSERT, SELECT ON TABLE bank_statement_breaks TO tollgate_app;
GRANT INSERT, SELECT, UPDATE (result) ON TABLE bank_statement_lines TO tollgate_app;
GRANT INSERT, SELECT, UPDATE (amount_differs), UPDATE (completed_at), UPDATE (duplicate), UPDATE (lease_until), UPDATE (matched), UPDATE (missing_in_bank), UPDATE (missing_in_books), UPDATE (state), UPDATE (worker) ON TABLE bank_statements TO tollgate_app;
GRANT INSERT, SELECT, UPDATE (booked_amount), UPDATE (correction_id), UPDATE (resolution), UPDATE (resolution_reason), UPDATE (resolved_at), UPDATE (resolved_by), UPDATE (state) ON TABLE breaks TO tollgate_app;
GRANT INSERT, SELECT ON TABLE events TO tollgate_app;
GRANT INSERT, SELECT, UPDATE ON TABLE failed_tasks TO tollgate_app;
GRANT SELECT ON TABLE feed_epoch TO tollgate_app;
GRANT INSERT, SELECT, UPDATE ON TABLE payment_state TO tollgate_app;
GRANT INSERT, SELECT ON TABLE payments TO tollgate_app;
GRANT INSERT, SELECT ON TABLE postings TO tollgate_app;
GRANT DELETE, INSERT, SELECT, UPDATE (rotated_at) ON TABLE refresh_tokens TO tollgate_app;
GRANT SELECT ON TABLE schema_migrations TO PUBLIC;
GRANT DELETE, INSERT, SELECT, UPDATE (ended_at), UPDATE (ended_by), UPDATE (expires_at) ON TABLE sessions TO tollgate_app;
GRANT INSERT, SELECT, UPDATE (full_name), UPDATE (is_active), UPDATE (password_hash), UPDATE (role), UPDATE (valid_after), UPDATE (webhook_url) ON TABLE users TO tollgate_app;
GRANT INSERT, SELECT ON TABLE webhook_attempts TO tollgate_app;
GRANT INSERT, SELECT, UPDATE (due_at), UPDATE (ended_at), UPDATE (failures), UPDATE (fence), UPDATE (state) ON TABLE webhook_deliveries TO tollgate_app;
GRANT INSERT, SELECT, UPDATE (description), UPDATE (disabled_at), UPDATE (disabled_why), UPDATE (event_types), UPDATE (failing_since), UPDATE (matches_since), UPDATE (previous_secret), UPDATE (previous_secret_until), UPDATE (secret), UPDATE (slow_until), UPDATE (state), UPDATE (updated_at), UPDATE (url) ON TABLE webhook_endpoints TO tollgate_app;
GRANT DELETE, INSERT, SELECT, UPDATE ON TABLE workers TO tollgate_app;
