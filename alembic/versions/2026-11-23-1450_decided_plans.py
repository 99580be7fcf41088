"""Plans are adopted and proposals settled by decisions too."""

from app.core import ddl

revision = "decided_plans"
down_revision = "stage_gates"
branch_labels = None
depends_on = None


def upgrade() -> None:
    ddl.run("""
ALTER TABLE action_plans ADD COLUMN adopted_by_decision_id UUID CONSTRAINT action_plans_adopted_by_decision_id_fkey REFERENCES decisions (id);

CREATE INDEX action_plans_adopted_by_decision_id_idx ON action_plans (adopted_by_decision_id);

ALTER TABLE action_plans DROP CONSTRAINT action_plans_adoption_check;

ALTER TABLE action_plans ADD CONSTRAINT action_plans_adoption_check CHECK (num_nonnulls(adopted_at_event_id, adopted_by_decision_id) = case when state = 'draft' then 0 else 1 end);

ALTER TABLE actions ADD COLUMN decision_id UUID CONSTRAINT actions_decision_id_fkey REFERENCES decisions (id);

CREATE INDEX actions_decision_id_idx ON actions (decision_id);

ALTER TABLE actions ADD CONSTRAINT actions_decision_check CHECK (decision_id is null or state <> 'proposed');
""")


def downgrade() -> None:
    ddl.run("""
ALTER TABLE actions DROP COLUMN decision_id;

UPDATE action_plans SET state = 'draft' WHERE adopted_at_event_id IS NULL;

ALTER TABLE action_plans DROP CONSTRAINT action_plans_adoption_check;

ALTER TABLE action_plans DROP COLUMN adopted_by_decision_id;

ALTER TABLE action_plans ADD CONSTRAINT action_plans_adoption_check CHECK ((state = 'draft') = (adopted_at_event_id is null));
""")
