-- Dead letters that an operator can work with: found by an id, with their history, asked about again,
-- closed. Also what names no payment: a message that is not ours, a callback that nobody could match.

ALTER TABLE failed_tasks
  -- By the database, so that a release that knows nothing of ids goes on writing rows.
  ADD COLUMN id           uuid NOT NULL DEFAULT gen_random_uuid(),
  -- What failed, where that is no payment: message:<digest>, callback:<id>.
  ADD COLUMN subject      text CHECK (length(subject) BETWEEN 1 AND 200),
  -- The newest occurrences, eldest first: [{"at", "detail"}], bounded by whoever writes.
  ADD COLUMN history      jsonb NOT NULL DEFAULT '[]'
             CHECK (jsonb_typeof(history) = 'array' AND jsonb_array_length(history) <= 20),
  -- Who, as in audit_log. Open where closed_at is null; the rest then tells of the last time.
  ADD COLUMN closed_by    text,
  ADD COLUMN closed_note  text,
  ADD COLUMN requeued_at  timestamptz,
  ADD COLUMN requeued_by  text;

-- The old key goes for two unique indexes: one for payments (still what ON CONFLICT names), one for
-- the rest. A table of dead letters is short: no need for CONCURRENTLY.
ALTER TABLE failed_tasks DROP CONSTRAINT failed_tasks_pkey;
ALTER TABLE failed_tasks
  ADD CONSTRAINT failed_tasks_pkey PRIMARY KEY (id),
  ALTER COLUMN payment_id DROP NOT NULL,
  ADD CONSTRAINT failed_tasks_of_somebody CHECK ((payment_id IS NULL) = (subject IS NOT NULL)),
  ADD CONSTRAINT failed_tasks_closed_by CHECK (closed_at IS NULL OR closed_by IS NOT NULL);
CREATE UNIQUE INDEX failed_tasks_payment ON failed_tasks (payment_id, reason);
CREATE UNIQUE INDEX failed_tasks_subject ON failed_tasks (subject, reason)
  WHERE payment_id IS NULL;
-- The list, newest first. first_at never changes, so that a page is where the cursor left it.
CREATE INDEX failed_tasks_newest ON failed_tasks (first_at DESC, id DESC);

-- What was recorded before there was a history.
UPDATE failed_tasks SET history = jsonb_build_array(jsonb_build_object(
  'at', to_char(last_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'detail', detail));

-- One occurrence, and a history with it: the newest twenty.
CREATE FUNCTION failed_task_history(at timestamptz, detail text) RETURNS jsonb
LANGUAGE sql STABLE AS $$
  SELECT jsonb_build_array(jsonb_build_object(
    'at', to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'), 'detail', detail))
$$;
CREATE FUNCTION failed_task_history(before jsonb, later jsonb) RETURNS jsonb
LANGUAGE sql IMMUTABLE AS $$
  SELECT jsonb_path_query_array(before || later, '$[last - 19 to last]')
$$;
