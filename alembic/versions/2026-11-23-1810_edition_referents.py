"""An edition outlives its referent: who leaves is named no longer."""

from app.core import ddl

revision = "edition_referents"
down_revision = "internship_offers"
branch_labels = None
depends_on = None


def upgrade() -> None:
    ddl.run("""
ALTER TABLE editions DROP CONSTRAINT editions_referent_id_fkey,
    ADD CONSTRAINT editions_referent_id_fkey FOREIGN KEY (referent_id) REFERENCES people (id) ON DELETE SET NULL;
""")


def downgrade() -> None:
    ddl.run("""
ALTER TABLE editions DROP CONSTRAINT editions_referent_id_fkey,
    ADD CONSTRAINT editions_referent_id_fkey FOREIGN KEY (referent_id) REFERENCES people (id);
""")
