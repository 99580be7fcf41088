"""What a stage of a programme must have reached before it is completed."""

from app.core import ddl

revision = "stage_gates"
down_revision = "decisions"
branch_labels = None
depends_on = None


def upgrade() -> None:
    ddl.run("""
ALTER TABLE stages ADD COLUMN gate VARCHAR(40), ADD CONSTRAINT stages_gate_check CHECK (gate IN ('design', 'mobilisation', 'diagnosis', 'co_construction', 'implementation', 'report_back', 'new_partnerships', 'deployment'));
""")


def downgrade() -> None:
    ddl.run("ALTER TABLE stages DROP COLUMN gate")
