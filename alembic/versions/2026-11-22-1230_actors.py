"""Actors, with identifiers the database itself checks."""

from app.core import ddl

revision = "actors"
down_revision = "territories"
branch_labels = None
depends_on = None

SCHEMA = r"""
CREATE FUNCTION siret_is_valid(siret text) RETURNS boolean IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql AS $$
    -- La Poste numbers its branches so that the sum of the digits is a multiple of 5.
    SELECT CASE
        WHEN siret !~ '^[0-9]{14}$' THEN false
        WHEN left(siret, 9) = '356000000' AND siret <> '35600000000048'
        THEN (SELECT sum(digit::int) % 5 = 0 FROM regexp_split_to_table(siret, '') AS digit)
        ELSE luhn_is_valid(siret) AND siren_is_valid(left(siret, 9))
    END
$$;

CREATE FUNCTION uai_is_valid(uai text) RETURNS boolean IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql AS $$
    SELECT CASE WHEN uai ~ '^[0-9]{7}[A-Z]$'
        THEN substr('ABCDEFGHJKLMNPRSTUVWXYZ', left(uai, 7)::int % 23 + 1, 1) = right(uai, 1) ELSE false END
$$;

CREATE TABLE actors (
    id UUID NOT NULL,
    territory_id UUID NOT NULL,
    name TEXT NOT NULL,
    sort_name TEXT GENERATED ALWAYS AS (searchable(name)) STORED NOT NULL,
    kind VARCHAR(40) NOT NULL,
    description TEXT,
    siren TEXT,
    siret TEXT,
    rna TEXT,
    uai TEXT,
    naf TEXT,
    headcount_band VARCHAR(40),
    street TEXT,
    postal_code TEXT,
    insee_code TEXT,
    website TEXT,
    valid_from DATE,
    valid_until DATE,
    listed BOOLEAN NOT NULL,
    is_demonstration BOOLEAN NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT actors_pkey PRIMARY KEY (id),
    CONSTRAINT actors_territory_id_siret_key UNIQUE (territory_id, siret),
    CONSTRAINT actors_territory_id_rna_key UNIQUE (territory_id, rna),
    CONSTRAINT actors_territory_id_uai_key UNIQUE (territory_id, uai),
    CONSTRAINT actors_siren_check CHECK (siren_is_valid(siren)),
    CONSTRAINT actors_siret_check CHECK (siret_is_valid(siret)),
    CONSTRAINT actors_siret_of_siren_check CHECK (left(siret, 9) = siren),
    CONSTRAINT actors_rna_check CHECK (rna ~ '^W[0-9A-Z][0-9]{8}$'),
    CONSTRAINT actors_uai_check CHECK (uai_is_valid(uai)),
    CONSTRAINT actors_naf_check CHECK (naf ~ '^[0-9]{2}[.][0-9]{2}[A-Z]$'),
    CONSTRAINT actors_postal_code_check CHECK (postal_code ~ '^[0-9]{5}$'),
    CONSTRAINT actors_website_check CHECK (website ~ '^https?://'),
    CONSTRAINT actors_validity_check CHECK (valid_from < valid_until),
    CONSTRAINT actors_territory_id_fkey FOREIGN KEY(territory_id) REFERENCES territories (id),
    CONSTRAINT actors_actor_kind_check CHECK (kind IN ('company', 'association', 'public_body', 'school', 'business_club', 'other')),
    CONSTRAINT actors_headcount_band_check CHECK (headcount_band IN ('0', '1-9', '10-19', '20-49', '50-249', '250-999', '1000+')),
    CONSTRAINT actors_insee_code_fkey FOREIGN KEY(insee_code) REFERENCES municipalities (insee_code)
);

CREATE INDEX actors_insee_code_idx ON actors (insee_code);

CREATE INDEX actors_listed_idx ON actors (territory_id, sort_name, id) WHERE listed;

CREATE INDEX actors_search_idx ON actors USING gin (sort_name gin_trgm_ops);

CREATE INDEX actors_siren_idx ON actors (siren);

CREATE INDEX actors_territory_id_sort_name_id_idx ON actors (territory_id, sort_name, id);

CREATE TABLE actor_themes (
    actor_id UUID NOT NULL,
    theme_id UUID NOT NULL,
    CONSTRAINT actor_themes_pkey PRIMARY KEY (actor_id, theme_id),
    CONSTRAINT actor_themes_actor_id_fkey FOREIGN KEY(actor_id) REFERENCES actors (id) ON DELETE CASCADE,
    CONSTRAINT actor_themes_theme_id_fkey FOREIGN KEY(theme_id) REFERENCES themes (id)
);

CREATE INDEX actor_themes_theme_id_idx ON actor_themes (theme_id);

CREATE TABLE actor_external_ids (
    actor_id UUID NOT NULL,
    source TEXT NOT NULL,
    territory_id UUID NOT NULL,
    external_id TEXT NOT NULL,
    CONSTRAINT actor_external_ids_pkey PRIMARY KEY (actor_id, source),
    CONSTRAINT actor_external_ids_territory_id_source_external_id_key UNIQUE (territory_id, source, external_id),
    CONSTRAINT actor_external_ids_actor_id_fkey FOREIGN KEY(actor_id) REFERENCES actors (id) ON DELETE CASCADE,
    CONSTRAINT actor_external_ids_territory_id_fkey FOREIGN KEY(territory_id) REFERENCES territories (id)
);
"""


def upgrade() -> None:
    ddl.run(SCHEMA)


def downgrade() -> None:
    ddl.run("""
DROP TABLE actor_external_ids, actor_themes, actors;

DROP FUNCTION siret_is_valid, uai_is_valid;
""")
