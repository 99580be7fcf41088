"""Internship offers: seats that organisations keep for pupils."""

from app.core import ddl

revision = "internship_offers"
down_revision = "participations"
branch_labels = None
depends_on = None

SCHEMA = r"""
CREATE TABLE internship_offers (
    id UUID NOT NULL,
    territory_id UUID NOT NULL,
    host_id UUID NOT NULL,
    tutor_id UUID,
    theme_id UUID,
    title TEXT NOT NULL,
    tasks TEXT NOT NULL,
    regime VARCHAR(40) NOT NULL,
    levels TEXT[] NOT NULL,
    dangerous_work TEXT[] NOT NULL,
    seats SMALLINT NOT NULL,
    starts_on DATE NOT NULL,
    ends_on DATE NOT NULL,
    address TEXT,
    insee_code TEXT,
    latitude DOUBLE PRECISION,
    longitude DOUBLE PRECISION,
    state VARCHAR(40) NOT NULL,
    is_demonstration BOOLEAN NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT internship_offers_pkey PRIMARY KEY (id),
    CONSTRAINT internship_offers_seats_check CHECK (seats between 1 and 200),
    CONSTRAINT internship_offers_dates_check CHECK (starts_on <= ends_on),
    CONSTRAINT internship_offers_coordinates_check CHECK (latitude between -90 and 90 and longitude between -180 and 180),
    CONSTRAINT internship_offers_coordinates_together_check CHECK ((latitude is null) = (longitude is null)),
    CONSTRAINT internship_offers_territory_id_fkey FOREIGN KEY(territory_id) REFERENCES territories (id),
    CONSTRAINT internship_offers_host_id_fkey FOREIGN KEY(host_id) REFERENCES actors (id),
    CONSTRAINT internship_offers_tutor_id_fkey FOREIGN KEY(tutor_id) REFERENCES people (id),
    CONSTRAINT internship_offers_theme_id_fkey FOREIGN KEY(theme_id) REFERENCES themes (id),
    CONSTRAINT internship_offers_regime_check CHECK (regime IN ('observation_3e', 'observation_2nde', 'pfmp', 'mini_stage')),
    CONSTRAINT internship_offers_insee_code_fkey FOREIGN KEY(insee_code) REFERENCES municipalities (insee_code),
    CONSTRAINT internship_offers_offer_state_check CHECK (state IN ('open', 'closed'))
);

CREATE INDEX internship_offers_host_id_starts_on_id_idx ON internship_offers (host_id, starts_on, id);

CREATE INDEX internship_offers_insee_code_idx ON internship_offers (insee_code);

CREATE INDEX internship_offers_place_idx ON internship_offers USING gist (point(longitude, latitude));

CREATE INDEX internship_offers_territory_id_starts_on_id_idx ON internship_offers (territory_id, starts_on, id);

CREATE INDEX internship_offers_theme_id_idx ON internship_offers (theme_id);

CREATE INDEX internship_offers_tutor_id_idx ON internship_offers (tutor_id);
"""


def upgrade() -> None:
    ddl.run(SCHEMA)


def downgrade() -> None:
    ddl.run("DROP TABLE internship_offers;")
