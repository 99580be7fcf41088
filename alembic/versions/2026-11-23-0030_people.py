"""People and their affiliations, behind row-level security: a transaction that says nothing of its sight sees none."""

from app.core import ddl

revision = "people"
down_revision = "identity"
branch_labels = None
depends_on = None

SCHEMA = r"""
CREATE TABLE people (
    id UUID NOT NULL,
    territory_id UUID NOT NULL,
    first_name TEXT NOT NULL,
    last_name TEXT NOT NULL,
    sort_name TEXT GENERATED ALWAYS AS (searchable(last_name || ' ' || first_name)) STORED NOT NULL,
    job_title TEXT,
    email TEXT,
    phone TEXT,
    agreed_to_contact_at TIMESTAMP WITH TIME ZONE,
    agreed_how TEXT,
    is_demonstration BOOLEAN NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT people_pkey PRIMARY KEY (id),
    CONSTRAINT people_email_check CHECK (email ~ '^[^@ ]+@[^@ ]+$'),
    CONSTRAINT people_phone_check CHECK (phone ~ '^[+][1-9][0-9]{6,14}$'),
    CONSTRAINT people_agreement_check CHECK ((agreed_to_contact_at is null) = (agreed_how is null)),
    CONSTRAINT people_territory_id_fkey FOREIGN KEY(territory_id) REFERENCES territories (id)
);

CREATE INDEX people_territory_id_sort_name_id_idx ON people (territory_id, sort_name, id);

CREATE TABLE affiliations (
    id UUID NOT NULL,
    territory_id UUID NOT NULL,
    person_id UUID NOT NULL,
    actor_id UUID NOT NULL,
    role TEXT NOT NULL,
    valid_from DATE,
    valid_until DATE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT affiliations_pkey PRIMARY KEY (id),
    CONSTRAINT affiliations_validity_check CHECK (valid_from < valid_until),
    CONSTRAINT affiliations_overlap_excl EXCLUDE USING gist (person_id WITH =, actor_id WITH =, role WITH =, daterange(valid_from, valid_until) WITH &&),
    CONSTRAINT affiliations_territory_id_fkey FOREIGN KEY(territory_id) REFERENCES territories (id),
    CONSTRAINT affiliations_person_id_fkey FOREIGN KEY(person_id) REFERENCES people (id) DEFERRABLE,
    CONSTRAINT affiliations_actor_id_fkey FOREIGN KEY(actor_id) REFERENCES actors (id)
);

CREATE INDEX affiliations_actor_id_person_id_idx ON affiliations (actor_id, person_id);

CREATE INDEX affiliations_person_id_idx ON affiliations (person_id);

CREATE FUNCTION in_sight(kind text) RETURNS uuid[] STABLE PARALLEL SAFE LANGUAGE sql AS $$
    SELECT string_to_array(nullif(nullif(current_setting('aet.' || kind, true), ''), '*'), ',')::uuid[]
$$;

CREATE FUNCTION all_in_sight(kind text) RETURNS boolean STABLE PARALLEL SAFE LANGUAGE sql AS $$
    SELECT coalesce(current_setting('aet.' || kind, true) = '*', false)
$$;

ALTER TABLE people ENABLE ROW LEVEL SECURITY;

ALTER TABLE affiliations ENABLE ROW LEVEL SECURITY;

CREATE POLICY affiliations_in_sight ON affiliations USING (
    territory_id = ANY (ARRAY(SELECT unnest(in_sight('territory_ids'))))
    AND ((SELECT all_in_sight('actor_ids')) OR actor_id = ANY (ARRAY(SELECT unnest(in_sight('actor_ids')))))
);

-- A person is written before their affiliation: what is new is held against the territory alone.
CREATE POLICY people_in_sight ON people USING (
    territory_id = ANY (ARRAY(SELECT unnest(in_sight('territory_ids'))))
    AND (
        (SELECT all_in_sight('actor_ids'))
        OR EXISTS (SELECT FROM affiliations WHERE affiliations.person_id = people.id)
    )
) WITH CHECK (territory_id = ANY (ARRAY(SELECT unnest(in_sight('territory_ids')))));
"""


def upgrade() -> None:
    ddl.run(SCHEMA)


def downgrade() -> None:
    ddl.run("""
DROP TABLE affiliations, people;

DROP FUNCTION in_sight, all_in_sight;
""")
