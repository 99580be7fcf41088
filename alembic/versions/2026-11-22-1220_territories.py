"""Territories with their municipalities and successors, themes, programmes and stages."""

from app.core import ddl

revision = "territories"
down_revision = "core"
branch_labels = None
depends_on = None

SCHEMA = r"""
CREATE FUNCTION luhn_is_valid(digits text) RETURNS boolean IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql AS $$
    SELECT sum(CASE WHEN place % 2 = 1 THEN digit ELSE 2 * digit - CASE WHEN digit > 4 THEN 9 ELSE 0 END END) % 10 = 0
    FROM (SELECT place, substr(reverse(digits), place, 1)::int AS digit FROM generate_series(1, length(digits)) AS place) AS d
$$;

CREATE FUNCTION siren_is_valid(siren text) RETURNS boolean IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql AS $$
    SELECT CASE WHEN siren ~ '^[0-9]{9}$' THEN luhn_is_valid(siren) ELSE false END
$$;

CREATE FUNCTION timezone_is_known(timezone text) RETURNS boolean IMMUTABLE STRICT PARALLEL SAFE LANGUAGE plpgsql AS $$
BEGIN
    PERFORM now() AT TIME ZONE timezone;
    RETURN timezone = 'UTC' OR timezone ~ '^[A-Z][A-Za-z_]+/[A-Za-z_/+0-9-]+$';
EXCEPTION WHEN invalid_parameter_value THEN
    RETURN false;
END
$$;

CREATE TABLE municipalities (
    insee_code TEXT NOT NULL,
    name TEXT NOT NULL,
    sort_name TEXT GENERATED ALWAYS AS (searchable(name)) STORED NOT NULL,
    CONSTRAINT municipalities_pkey PRIMARY KEY (insee_code),
    CONSTRAINT municipalities_insee_code_check CHECK (insee_code ~ '^([0-9]{2}|2A|2B)[0-9]{3}$')
);

CREATE INDEX municipalities_search_idx ON municipalities USING gin (sort_name gin_trgm_ops);

CREATE TABLE territories (
    id UUID NOT NULL,
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    kind VARCHAR(40) NOT NULL,
    siren TEXT,
    valid_from DATE,
    valid_until DATE,
    timezone TEXT NOT NULL,
    default_locale TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT territories_pkey PRIMARY KEY (id),
    CONSTRAINT territories_slug_check CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    CONSTRAINT territories_siren_check CHECK (siren_is_valid(siren)),
    CONSTRAINT territories_validity_check CHECK (valid_from < valid_until),
    CONSTRAINT territories_default_locale_check CHECK (default_locale in ('fr', 'en')),
    CONSTRAINT territories_timezone_check CHECK (timezone_is_known(timezone)),
    CONSTRAINT territories_slug_key UNIQUE (slug),
    CONSTRAINT territories_territory_kind_check CHECK (kind IN ('municipality', 'intermunicipality', 'department', 'ad_hoc')),
    CONSTRAINT territories_siren_key UNIQUE (siren)
);

CREATE TABLE territory_municipalities (
    id SERIAL NOT NULL,
    territory_id UUID NOT NULL,
    insee_code TEXT NOT NULL,
    valid_from DATE,
    valid_until DATE,
    CONSTRAINT territory_municipalities_pkey PRIMARY KEY (id),
    CONSTRAINT territory_municipalities_validity_check CHECK (valid_from < valid_until),
    CONSTRAINT territory_municipalities_overlap_excl EXCLUDE USING gist (territory_id WITH =, insee_code WITH =, daterange(valid_from, valid_until) WITH &&) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT territory_municipalities_territory_id_fkey FOREIGN KEY(territory_id) REFERENCES territories (id) ON DELETE CASCADE,
    CONSTRAINT territory_municipalities_insee_code_fkey FOREIGN KEY(insee_code) REFERENCES municipalities (insee_code)
);

CREATE INDEX territory_municipalities_insee_code_idx ON territory_municipalities (insee_code);

CREATE TABLE territory_successions (
    predecessor_id UUID NOT NULL,
    successor_id UUID NOT NULL,
    succeeds_on DATE NOT NULL,
    CONSTRAINT territory_successions_pkey PRIMARY KEY (predecessor_id, successor_id),
    CONSTRAINT territory_successions_distinct_check CHECK (predecessor_id <> successor_id),
    CONSTRAINT territory_successions_predecessor_id_fkey FOREIGN KEY(predecessor_id) REFERENCES territories (id) ON DELETE CASCADE,
    CONSTRAINT territory_successions_successor_id_fkey FOREIGN KEY(successor_id) REFERENCES territories (id) ON DELETE CASCADE
);

CREATE INDEX territory_successions_successor_id_idx ON territory_successions (successor_id);

CREATE FUNCTION successions_are_dated(territory uuid) RETURNS boolean STABLE STRICT LANGUAGE sql AS $$
    SELECT NOT EXISTS (
        SELECT FROM territory_successions AS s
        JOIN territories AS before ON before.id = s.predecessor_id
        JOIN territories AS after ON after.id = s.successor_id
        WHERE territory IN (before.id, after.id)
            AND (before.valid_from >= s.succeeds_on OR before.valid_until > s.succeeds_on
                OR after.valid_from > s.succeeds_on OR after.valid_until <= s.succeeds_on)
    )
$$;

CREATE FUNCTION check_succession() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    -- One at a time, and no date moves meanwhile: of two changes made at once, each would miss the other.
    PERFORM pg_advisory_xact_lock(hashtext('territory_successions'));
    PERFORM FROM territories WHERE id IN (NEW.predecessor_id, NEW.successor_id) ORDER BY id FOR SHARE;
    IF EXISTS (
        WITH RECURSIVE later AS (
            SELECT NEW.successor_id AS id
            UNION
            SELECT next.successor_id FROM territory_successions AS next JOIN later ON next.predecessor_id = later.id
        )
        SELECT FROM later WHERE id = NEW.predecessor_id
    ) THEN
        RAISE EXCEPTION 'a territory cannot end up succeeding itself'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'territory_successions_circle';
    END IF;
    IF NOT successions_are_dated(NEW.successor_id) THEN
        RAISE EXCEPTION 'a territory takes over on a day when it exists and the other has ended'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'territory_successions_dates';
    END IF;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER check_succession AFTER INSERT OR UPDATE ON territory_successions
    FOR EACH ROW EXECUTE FUNCTION check_succession();

CREATE FUNCTION check_validity() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT successions_are_dated(NEW.id) THEN
        RAISE EXCEPTION 'a succession of this territory lies outside these dates'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'territories_succession_dates';
    END IF;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER check_validity AFTER UPDATE OF valid_from, valid_until ON territories
    FOR EACH ROW EXECUTE FUNCTION check_validity();

CREATE TABLE themes (
    id UUID NOT NULL,
    territory_id UUID NOT NULL,
    slug TEXT NOT NULL,
    name TEXT NOT NULL,
    description TEXT,
    position INTEGER NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT themes_pkey PRIMARY KEY (id),
    CONSTRAINT themes_territory_id_slug_key UNIQUE (territory_id, slug),
    CONSTRAINT themes_slug_check CHECK (slug ~ '^[a-z0-9]+(-[a-z0-9]+)*$'),
    CONSTRAINT themes_position_check CHECK (position >= 1),
    CONSTRAINT themes_territory_id_fkey FOREIGN KEY(territory_id) REFERENCES territories (id)
);

CREATE INDEX themes_slug_idx ON themes (slug);

CREATE TABLE programmes (
    id UUID NOT NULL,
    territory_id UUID NOT NULL,
    name TEXT NOT NULL,
    purpose TEXT,
    objectives TEXT[] NOT NULL,
    launched_on DATE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT programmes_pkey PRIMARY KEY (id),
    CONSTRAINT programmes_territory_id_name_key UNIQUE (territory_id, name),
    CONSTRAINT programmes_territory_id_fkey FOREIGN KEY(territory_id) REFERENCES territories (id)
);

CREATE TABLE stages (
    id UUID NOT NULL,
    territory_id UUID NOT NULL,
    programme_id UUID NOT NULL,
    position INTEGER NOT NULL,
    name TEXT NOT NULL,
    status VARCHAR(40) NOT NULL,
    starts_on DATE,
    ends_on DATE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT stages_pkey PRIMARY KEY (id),
    CONSTRAINT stages_programme_id_position_key UNIQUE (programme_id, position) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT stages_position_check CHECK (position >= 1),
    CONSTRAINT stages_dates_check CHECK (starts_on <= ends_on),
    CONSTRAINT stages_territory_id_fkey FOREIGN KEY(territory_id) REFERENCES territories (id),
    CONSTRAINT stages_programme_id_fkey FOREIGN KEY(programme_id) REFERENCES programmes (id) ON DELETE CASCADE,
    CONSTRAINT stages_stage_status_check CHECK (status IN ('planned', 'active', 'done'))
);

CREATE UNIQUE INDEX stages_one_active_idx ON stages (programme_id) WHERE status = 'active';

CREATE INDEX stages_territory_id_idx ON stages (territory_id);
"""


def upgrade() -> None:
    ddl.run(SCHEMA)


def downgrade() -> None:
    ddl.run("""
DROP TABLE stages, programmes, themes, territory_successions, territory_municipalities, territories, municipalities;

DROP FUNCTION
    check_succession, check_validity, successions_are_dated, siren_is_valid, timezone_is_known, luhn_is_valid;
""")
