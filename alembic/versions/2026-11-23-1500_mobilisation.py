"""Lists by attendance, and the figures of mobilisation, read from indexes alone."""

from app.core import ddl

revision = "mobilisation"
down_revision = "decided_plans"
branch_labels = None
depends_on = None


def upgrade() -> None:
    ddl.run("""
CREATE INDEX registrations_territory_id_attendance_id_idx ON registrations (territory_id, attendance, id);

CREATE INDEX registrations_mobilisation_idx ON registrations (territory_id, event_id)
    INCLUDE (actor_id, person_id, status, attendance, is_walk_in);
""")


def downgrade() -> None:
    ddl.run("""
DROP INDEX registrations_mobilisation_idx;

DROP INDEX registrations_territory_id_attendance_id_idx;
""")
