-- How people stay signed in, and what machines sign in with. No secret is stored: a token and a key
-- are known by the SHA-256 of their 256 random bits, which nobody can search through.

-- ── sessions: one for each time that somebody signed in ───────────────────────────────────────────

CREATE TABLE sessions (
  id         uuid PRIMARY KEY,
  user_id    uuid NOT NULL REFERENCES users,
  created_at timestamptz NOT NULL,
  -- Of its newest token.
  expires_at timestamptz NOT NULL,
  -- No token of it counts from here on.
  ended_at   timestamptz,
  ended_by   text CHECK (ended_by IN ('logout', 'reuse', 'too_many', 'password', 'administrator')),
  CHECK ((ended_at IS NULL) = (ended_by IS NULL))
);
-- Somebody's sessions, newest first: there is a limit, and the eldest makes room.
CREATE INDEX sessions_user ON sessions (user_id, id DESC);

CREATE TABLE refresh_tokens (
  -- SHA-256 of the token.
  hash       bytea PRIMARY KEY CHECK (length(hash) = 32),
  session_id uuid NOT NULL REFERENCES sessions ON DELETE CASCADE,
  issued_at  timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  -- When it was first exchanged for its successor. Whoever brings it long after stole it, or was
  -- stolen from.
  rotated_at timestamptz
);
CREATE INDEX refresh_tokens_session ON refresh_tokens (session_id);

-- ── API keys ──────────────────────────────────────────────────────────────────────────────────────

CREATE TABLE api_keys (
  id             uuid PRIMARY KEY,
  user_id        uuid NOT NULL REFERENCES users,
  name           text NOT NULL CHECK (length(name) BETWEEN 1 AND 100),
  -- The first characters, by which its owner tells it from the others.
  prefix         text NOT NULL CHECK (length(prefix) <= 20),
  -- SHA-256 of the whole key.
  hash           bytea NOT NULL CHECK (length(hash) = 32),
  scopes         text[] NOT NULL CHECK (cardinality(scopes) BETWEEN 1 AND 5 AND scopes <@ ARRAY[
                   'deposits:write', 'withdrawals:write', 'read', 'webhooks:write', 'admin:*']),
  created_at     timestamptz NOT NULL,
  -- Null: never. A rotation sets it to the end of the overlap.
  expires_at     timestamptz,
  revoked_at     timestamptz,
  -- Within a minute or so.
  last_used_at   timestamptz,
  -- Its successor: a key is rotated once.
  rotated_to     uuid REFERENCES api_keys,
  CHECK (rotated_to IS NULL OR expires_at IS NOT NULL)
);
CREATE UNIQUE INDEX api_keys_hash ON api_keys (hash);
CREATE INDEX api_keys_user ON api_keys (user_id, id DESC);

-- ── users: found by an administrator ──────────────────────────────────────────────────────────────

-- By the first letters of the e-mail; the unique index has the order of a language, not of bytes.
CREATE INDEX users_email_prefix ON users (email COLLATE "C");
-- So that the last administrator is found without reading everybody.
CREATE INDEX users_admins ON users (id) WHERE role = 'admin';

GRANT SELECT, INSERT, DELETE, UPDATE (expires_at, ended_at, ended_by) ON sessions TO tollgate_app;
GRANT SELECT, INSERT, DELETE, UPDATE (rotated_at) ON refresh_tokens TO tollgate_app;
GRANT SELECT, INSERT, UPDATE (expires_at, revoked_at, last_used_at, rotated_to)
  ON api_keys TO tollgate_app;
