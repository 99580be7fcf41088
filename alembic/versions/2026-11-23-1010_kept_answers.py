"""Answers kept for idempotency keys are seen by their caller alone; once a day has passed, by whoever clears them."""

from app.core import ddl

revision = "kept_answers"
down_revision = "tombstones"
branch_labels = None
depends_on = None


def upgrade() -> None:
    ddl.run("""
ALTER TABLE idempotency_keys ENABLE ROW LEVEL SECURITY;

CREATE POLICY idempotency_keys_of_caller ON idempotency_keys USING (
    caller = (SELECT current_setting('aet.caller', true)) OR kept_at < now() - interval '24 hours'
) WITH CHECK (caller = (SELECT current_setting('aet.caller', true)));
""")


def downgrade() -> None:
    ddl.run("""
DROP POLICY idempotency_keys_of_caller ON idempotency_keys;

ALTER TABLE idempotency_keys DISABLE ROW LEVEL SECURITY;
""")
