"""Pupils with their guardians, behind row-level security; a view of codes for whoever counts; the ledger of erasures."""

from alembic import context, op

from app.core import ddl
from app.core.migrations import app_role_of

revision = "pupils"
down_revision = "mobilisation"
branch_labels = None
depends_on = None

SCHEMA = r"""
CREATE TABLE pupils (
    id UUID NOT NULL,
    territory_id UUID NOT NULL,
    school_id UUID NOT NULL,
    school_kind TEXT GENERATED ALWAYS AS ('school'::text) STORED NOT NULL,
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    sort_name TEXT GENERATED ALWAYS AS (searchable(last_name || ' ' || first_name)) STORED NOT NULL,
    birth_date DATE,
    class_name TEXT,
    level VARCHAR(40),
    purge_on DATE NOT NULL,
    merged_into_id UUID,
    is_one BOOLEAN GENERATED ALWAYS AS (merged_into_id is null) STORED NOT NULL,
    goes_into_one BOOLEAN GENERATED ALWAYS AS (nullif(merged_into_id is not null, false)) STORED,
    erased_at TIMESTAMP WITH TIME ZONE,
    is_demonstration BOOLEAN NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT pupils_pkey PRIMARY KEY (id),
    CONSTRAINT pupils_id_school_id_is_one_key UNIQUE (id, school_id, is_one),
    CONSTRAINT pupils_level_check CHECK (level IN ('3e', '2nde', '1re', 'tle', '2nde_pro', '1re_pro', 'tle_pro', 'cap', 'bts')),
    CONSTRAINT pupils_merged_into_itself_check CHECK (merged_into_id <> id),
    CONSTRAINT pupils_erased_check CHECK (case when erased_at is null then first_name <> '' and last_name <> '' and birth_date is not null else first_name = '' and last_name = '' and birth_date is null and class_name is null end),
    CONSTRAINT pupils_territory_id_fkey FOREIGN KEY(territory_id) REFERENCES territories (id),
    CONSTRAINT pupils_school_id_school_kind_fkey FOREIGN KEY(school_id, school_kind) REFERENCES actors (id, kind),
    CONSTRAINT pupils_merged_into_id_fkey FOREIGN KEY(merged_into_id, school_id, goes_into_one) REFERENCES pupils (id, school_id, is_one)
);

CREATE INDEX pupils_school_id_sort_name_id_idx ON pupils (school_id, sort_name, id);

CREATE INDEX pupils_merged_into_id_idx ON pupils (merged_into_id);

CREATE INDEX pupils_purge_on_idx ON pupils (purge_on) WHERE erased_at is null;

CREATE TABLE pupil_guardians (
    id UUID NOT NULL,
    pupil_id UUID NOT NULL,
    position SMALLINT NOT NULL,
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    email TEXT,
    phone TEXT,
    CONSTRAINT pupil_guardians_pkey PRIMARY KEY (id),
    CONSTRAINT pupil_guardians_pupil_id_position_key UNIQUE (pupil_id, position),
    CONSTRAINT pupil_guardians_position_check CHECK (position in (1, 2)),
    CONSTRAINT pupil_guardians_email_check CHECK (email ~ '^[^@ ]+@[^@ ]+$'),
    CONSTRAINT pupil_guardians_phone_check CHECK (phone ~ '^[+][1-9][0-9]{6,14}$'),
    CONSTRAINT pupil_guardians_pupil_id_fkey FOREIGN KEY(pupil_id) REFERENCES pupils (id) ON DELETE CASCADE
);

CREATE TABLE pupil_external_ids (
    pupil_id UUID NOT NULL,
    source TEXT NOT NULL,
    external_id TEXT NOT NULL,
    school_id UUID NOT NULL,
    came_from_id UUID,
    CONSTRAINT pupil_external_ids_pkey PRIMARY KEY (pupil_id, source, external_id),
    CONSTRAINT pupil_external_ids_school_id_source_external_id_key UNIQUE (school_id, source, external_id),
    CONSTRAINT pupil_external_ids_pupil_id_fkey FOREIGN KEY(pupil_id) REFERENCES pupils (id) ON DELETE CASCADE,
    CONSTRAINT pupil_external_ids_school_id_fkey FOREIGN KEY(school_id) REFERENCES actors (id),
    CONSTRAINT pupil_external_ids_came_from_id_fkey FOREIGN KEY(came_from_id) REFERENCES pupils (id) ON DELETE SET NULL
);

CREATE INDEX pupil_external_ids_came_from_id_idx ON pupil_external_ids (came_from_id);

CREATE TABLE erasures (
    key_hash BYTEA NOT NULL,
    erased_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT erasures_pkey PRIMARY KEY (key_hash)
);

ALTER TABLE pupils ENABLE ROW LEVEL SECURITY;

ALTER TABLE pupil_guardians ENABLE ROW LEVEL SECURITY;

ALTER TABLE pupil_external_ids ENABLE ROW LEVEL SECURITY;

-- No caller has all schools in sight; only what goes on by itself (purge, erasures) does.
CREATE POLICY pupils_in_sight ON pupils USING (
    (SELECT all_in_sight('school_ids')) OR school_id = ANY (ARRAY(SELECT unnest(in_sight('school_ids'))))
);

CREATE POLICY pupil_guardians_in_sight ON pupil_guardians USING (
    (SELECT all_in_sight('school_ids')) OR EXISTS (SELECT FROM pupils WHERE pupils.id = pupil_guardians.pupil_id)
);

CREATE POLICY pupil_external_ids_in_sight ON pupil_external_ids USING (
    (SELECT all_in_sight('school_ids')) OR school_id = ANY (ARRAY(SELECT unnest(in_sight('school_ids'))))
);

-- Read with its owner's rights, so past the policy: what may be counted of pupils, and nothing that says who they are.
CREATE VIEW pupil_codes AS
    SELECT id, coalesce(merged_into_id, id) AS one_id, territory_id, school_id, level FROM pupils;
"""


def upgrade() -> None:
    ddl.run(SCHEMA)
    ddl.append_only("erasures")
    role = app_role_of(op.get_bind(), context.config.attributes["app_role"])
    op.execute(f"REVOKE INSERT, UPDATE, DELETE, TRUNCATE ON pupil_codes FROM {role}")


def downgrade() -> None:
    ddl.run("""
DROP VIEW pupil_codes;

DROP TABLE erasures, pupil_external_ids, pupil_guardians, pupils;
""")
