"""The change journal, and the answers kept for repeated requests."""

from app.core import ddl

revision = "core"
down_revision = "ground"
branch_labels = None
depends_on = None

SCHEMA = r"""
CREATE TABLE journal (
    seq BIGINT GENERATED ALWAYS AS IDENTITY,
    transaction xid8 DEFAULT pg_current_xact_id() NOT NULL,
    at TIMESTAMP WITH TIME ZONE NOT NULL,
    caller TEXT NOT NULL,
    request_id TEXT,
    territory_id UUID,
    resource TEXT NOT NULL,
    resource_id UUID NOT NULL,
    version INTEGER NOT NULL,
    action TEXT NOT NULL,
    fields TEXT[] NOT NULL,
    reason TEXT,
    CONSTRAINT journal_pkey PRIMARY KEY (seq),
    CONSTRAINT journal_action_check CHECK (action in ('insert', 'update', 'delete'))
);

CREATE INDEX journal_resource_id_idx ON journal (resource_id);

CREATE INDEX journal_territory_id_seq_idx ON journal (territory_id, seq);

CREATE INDEX journal_transaction_seq_idx ON journal (transaction, seq);

CREATE TABLE idempotency_keys (
    caller TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint BYTEA NOT NULL,
    kept_at TIMESTAMP WITH TIME ZONE NOT NULL,
    status INTEGER NOT NULL,
    headers JSONB NOT NULL,
    body BYTEA NOT NULL,
    CONSTRAINT idempotency_keys_pkey PRIMARY KEY (caller, key)
);

CREATE INDEX idempotency_keys_kept_at_idx ON idempotency_keys (kept_at);

CREATE FUNCTION journal_tell() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM pg_notify('aet_journal', (SELECT string_agg(DISTINCT resource, ' ') FROM written));
    RETURN NULL;
END
$$;

CREATE TRIGGER journal_tell AFTER INSERT ON journal
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION journal_tell();
"""


def upgrade() -> None:
    ddl.run(SCHEMA)
    ddl.append_only("journal")


def downgrade() -> None:
    ddl.run("""
DROP TABLE idempotency_keys, journal;

DROP FUNCTION journal_tell;
""")
