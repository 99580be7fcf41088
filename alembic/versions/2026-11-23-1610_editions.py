"""Editions of Q2ER, their sequences, and classes. An event may be a session of a sequence, within its school year."""

from app.core import ddl

revision = "editions"
down_revision = "pupils"
branch_labels = None
depends_on = None

SCHEMA = r"""
-- The days of a school year: null for what is none (`2016-2018`).
CREATE FUNCTION school_year_days(school_year text) RETURNS daterange IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql AS $$
    SELECT CASE WHEN school_year ~ '^[1-9][0-9]{3}-[1-9][0-9]{3}$' AND right(school_year, 4)::int = left(school_year, 4)::int + 1
        THEN daterange(make_date(left(school_year, 4)::int, 9, 1), make_date(right(school_year, 4)::int, 9, 1)) END
$$;

CREATE TABLE editions (
    id UUID NOT NULL,
    territory_id UUID NOT NULL,
    programme_id UUID NOT NULL,
    school_year TEXT NOT NULL,
    theme TEXT,
    summary TEXT,
    referent_id UUID,
    state VARCHAR(40) NOT NULL,
    replicated_from_id UUID,
    is_demonstration BOOLEAN NOT NULL,
    publication VARCHAR(40) NOT NULL,
    publish_at TIMESTAMP WITH TIME ZONE,
    published_at TIMESTAMP WITH TIME ZONE,
    withdrawn_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT editions_pkey PRIMARY KEY (id),
    CONSTRAINT editions_programme_id_school_year_key UNIQUE (programme_id, school_year),
    CONSTRAINT editions_id_school_year_territory_id_key UNIQUE (id, school_year, territory_id),
    CONSTRAINT editions_school_year_check CHECK (school_year_days(school_year) is not null),
    CONSTRAINT editions_published_at_check CHECK ((published_at is null) = (publication = 'draft')),
    CONSTRAINT editions_withdrawn_at_check CHECK ((withdrawn_at is not null) = (publication = 'withdrawn')),
    CONSTRAINT editions_edition_state_check CHECK (state IN ('preparing', 'running', 'closed')),
    CONSTRAINT editions_publication_check CHECK (publication IN ('draft', 'published', 'withdrawn')),
    CONSTRAINT editions_territory_id_fkey FOREIGN KEY(territory_id) REFERENCES territories (id),
    CONSTRAINT editions_programme_id_fkey FOREIGN KEY(programme_id) REFERENCES programmes (id),
    CONSTRAINT editions_referent_id_fkey FOREIGN KEY(referent_id) REFERENCES people (id),
    CONSTRAINT editions_replicated_from_id_fkey FOREIGN KEY(replicated_from_id) REFERENCES editions (id) ON DELETE SET NULL
);

CREATE INDEX editions_territory_id_school_year_id_idx ON editions (territory_id, school_year, id);

CREATE INDEX editions_public_idx ON editions (school_year, id) WHERE publication = 'published';

CREATE INDEX editions_publish_at_idx ON editions (publish_at) WHERE publication = 'published' and publish_at is not null;

CREATE INDEX editions_referent_id_idx ON editions (referent_id);

CREATE INDEX editions_replicated_from_id_idx ON editions (replicated_from_id);

CREATE TABLE edition_schools (
    edition_id UUID NOT NULL,
    actor_id UUID NOT NULL,
    actor_kind TEXT GENERATED ALWAYS AS ('school'::text) STORED,
    CONSTRAINT edition_schools_pkey PRIMARY KEY (edition_id, actor_id),
    CONSTRAINT edition_schools_edition_id_fkey FOREIGN KEY(edition_id) REFERENCES editions (id) ON DELETE CASCADE,
    CONSTRAINT edition_schools_actor_id_actor_kind_fkey FOREIGN KEY(actor_id, actor_kind) REFERENCES actors (id, kind)
);

CREATE INDEX edition_schools_actor_id_edition_id_idx ON edition_schools (actor_id, edition_id);

CREATE TABLE sequences (
    id UUID NOT NULL,
    territory_id UUID NOT NULL,
    edition_id UUID NOT NULL,
    school_year TEXT NOT NULL,
    position INTEGER NOT NULL,
    kind VARCHAR(40) NOT NULL,
    title TEXT NOT NULL,
    objectives TEXT[] NOT NULL,
    audience TEXT[] NOT NULL,
    starts_on DATE,
    ends_on DATE,
    is_demonstration BOOLEAN NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT sequences_pkey PRIMARY KEY (id),
    CONSTRAINT sequences_edition_id_position_key UNIQUE (edition_id, position) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT sequences_id_territory_id_key UNIQUE (id, territory_id),
    CONSTRAINT sequences_position_check CHECK (position >= 1),
    CONSTRAINT sequences_dates_check CHECK (starts_on <= ends_on),
    CONSTRAINT sequences_school_year_check CHECK (starts_on <@ school_year_days(school_year) and ends_on <@ school_year_days(school_year)),
    CONSTRAINT sequences_audience_check CHECK (audience <@ array['teachers', 'pupils', 'leaders']),
    CONSTRAINT sequences_sequence_kind_check CHECK (kind IN ('teachers_in_companies', 'company_in_school', 'teacher_training', 'leader_interviews', 'mock_interviews', 'internships', 'closing')),
    CONSTRAINT sequences_territory_id_fkey FOREIGN KEY(territory_id) REFERENCES territories (id),
    CONSTRAINT sequences_edition_id_fkey FOREIGN KEY(edition_id, school_year, territory_id) REFERENCES editions (id, school_year, territory_id)
);

CREATE INDEX sequences_territory_id_school_year_position_id_idx ON sequences (territory_id, school_year, position, id);

CREATE TABLE classes (
    id UUID NOT NULL,
    territory_id UUID NOT NULL,
    school_id UUID NOT NULL,
    school_kind TEXT GENERATED ALWAYS AS ('school'::text) STORED NOT NULL,
    school_year TEXT NOT NULL,
    name TEXT NOT NULL,
    sort_name TEXT GENERATED ALWAYS AS (searchable(name)) STORED NOT NULL,
    level VARCHAR(40) NOT NULL,
    headcount INTEGER NOT NULL,
    girls INTEGER,
    boys INTEGER,
    is_demonstration BOOLEAN NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT classes_pkey PRIMARY KEY (id),
    CONSTRAINT classes_school_id_school_year_name_key UNIQUE (school_id, school_year, name),
    CONSTRAINT classes_school_year_check CHECK (school_year_days(school_year) is not null),
    CONSTRAINT classes_headcount_check CHECK (headcount between 1 and 100),
    CONSTRAINT classes_girls_and_boys_check CHECK (girls >= 0 and boys >= 0),
    CONSTRAINT classes_parts_check CHECK (coalesce(girls, 0) + coalesce(boys, 0) <= headcount),
    CONSTRAINT classes_level_check CHECK (level IN ('3e', '2nde', '1re', 'tle', '2nde_pro', '1re_pro', 'tle_pro', 'cap', 'bts')),
    CONSTRAINT classes_territory_id_fkey FOREIGN KEY(territory_id) REFERENCES territories (id),
    CONSTRAINT classes_school_id_school_kind_fkey FOREIGN KEY(school_id, school_kind) REFERENCES actors (id, kind)
);

CREATE INDEX classes_territory_id_school_year_sort_name_id_idx ON classes (territory_id, school_year, sort_name, id);

ALTER TABLE events ADD COLUMN sequence_id UUID,
    ADD CONSTRAINT events_sequence_id_territory_id_fkey FOREIGN KEY (sequence_id, territory_id) REFERENCES sequences (id, territory_id);

CREATE INDEX events_sequence_id_starts_at_id_idx ON events (sequence_id, starts_at, id);

CREATE FUNCTION require_school_year() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    days daterange := (SELECT school_year_days(school_year) FROM sequences WHERE id = NEW.sequence_id);
BEGIN
    IF NOT coalesce(
        (NEW.starts_at AT TIME ZONE NEW.timezone)::date <@ days
            AND ((NEW.ends_at - interval '1 microsecond') AT TIME ZONE NEW.timezone)::date <@ days,
        true)
    THEN
        RAISE EXCEPTION 'a session lies in the school year of its sequence'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'events_school_year';
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER require_school_year BEFORE INSERT OR UPDATE OF sequence_id, starts_at, ends_at, timezone ON events
    FOR EACH ROW WHEN (NEW.sequence_id IS NOT NULL) EXECUTE FUNCTION require_school_year();
"""


def upgrade() -> None:
    ddl.run(SCHEMA)


def downgrade() -> None:
    ddl.run("""
DROP TRIGGER require_school_year ON events;

ALTER TABLE events DROP COLUMN sequence_id;

DROP FUNCTION require_school_year;

DROP TABLE classes, sequences, edition_schools, editions;

DROP FUNCTION school_year_days;
""")
