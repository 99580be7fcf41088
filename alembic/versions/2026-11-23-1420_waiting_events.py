"""Indexes of the events that wait for somebody: those to review, and meetings to write down."""

from app.core import ddl

revision = "waiting_events"
down_revision = "communication"
branch_labels = None
depends_on = None


def upgrade() -> None:
    ddl.run("""
CREATE INDEX events_to_review_idx ON events (territory_id, starts_at) WHERE publication = 'draft' and submitted_at is not null;

CREATE INDEX events_meetings_idx ON events (territory_id, ends_at) WHERE kind in ('plenary', 'steering', 'working_group_session', 'report_back');
""")


def downgrade() -> None:
    ddl.run("DROP INDEX events_to_review_idx, events_meetings_idx")
