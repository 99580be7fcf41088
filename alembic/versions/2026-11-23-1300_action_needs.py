"""The needs an action addresses, and the group it came from: an addressed need has an action."""

from app.core import ddl

revision = "action_needs"
down_revision = "action_plans"
branch_labels = None
depends_on = None

SCHEMA = r"""
ALTER TABLE actions ADD COLUMN origin_group_id UUID CONSTRAINT actions_origin_group_id_fkey REFERENCES working_groups (id);

CREATE INDEX actions_origin_group_id_idx ON actions (origin_group_id);

CREATE TABLE action_needs (
    action_id UUID NOT NULL,
    need_id UUID NOT NULL,
    CONSTRAINT action_needs_pkey PRIMARY KEY (action_id, need_id),
    CONSTRAINT action_needs_action_id_fkey FOREIGN KEY(action_id) REFERENCES actions (id) ON DELETE CASCADE,
    CONSTRAINT action_needs_need_id_fkey FOREIGN KEY(need_id) REFERENCES needs (id)
);

CREATE INDEX action_needs_need_id_idx ON action_needs (need_id);

-- Its links are held meanwhile: who takes one away waits, and then finds the need addressed.
CREATE FUNCTION require_action_for_need() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM action_needs WHERE need_id = NEW.id FOR KEY SHARE;
    IF NOT FOUND THEN
        RAISE EXCEPTION 'an addressed need has an action'
            USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'needs_addressed';
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER require_action_for_need AFTER INSERT OR UPDATE OF state ON needs
    FOR EACH ROW WHEN (NEW.state = 'addressed') EXECUTE FUNCTION require_action_for_need();

-- The need is held meanwhile: two who take its last two actions away go one after the other.
CREATE FUNCTION keep_action_of_need() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM needs WHERE id = OLD.need_id AND state = 'addressed' FOR NO KEY UPDATE;
    IF FOUND AND NOT EXISTS (SELECT FROM action_needs WHERE need_id = OLD.need_id) THEN
        RAISE EXCEPTION 'an addressed need has an action'
            USING ERRCODE = 'exclusion_violation', CONSTRAINT = 'action_needs_addressed';
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER keep_action_of_need AFTER DELETE OR UPDATE OF need_id ON action_needs
    FOR EACH ROW EXECUTE FUNCTION keep_action_of_need();
"""


def upgrade() -> None:
    ddl.run(SCHEMA)


def downgrade() -> None:
    ddl.run("""
DROP TRIGGER require_action_for_need ON needs;

DROP TABLE action_needs;

DROP FUNCTION require_action_for_need, keep_action_of_need;

ALTER TABLE actions DROP COLUMN origin_group_id;
""")
