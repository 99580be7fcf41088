"""Needs and working groups: an active group has its pair and its facilitator. Events may be meetings of a group."""

from app.core import ddl

revision = "dialogue"
down_revision = "registrations"
branch_labels = None
depends_on = None

SCHEMA = r"""
-- So that an association and a company in a pair are held to what they are.
ALTER TABLE actors ADD CONSTRAINT actors_id_kind_key UNIQUE (id, kind);

CREATE TABLE working_groups (
    id UUID NOT NULL,
    territory_id UUID NOT NULL,
    programme_id UUID NOT NULL,
    theme_id UUID NOT NULL,
    name TEXT NOT NULL,
    sort_name TEXT GENERATED ALWAYS AS (searchable(name)) STORED NOT NULL,
    purpose TEXT,
    state VARCHAR(40) NOT NULL,
    state_reason TEXT,
    started_on DATE,
    concluded_on DATE,
    is_demonstration BOOLEAN NOT NULL,
    publication VARCHAR(40) NOT NULL,
    publish_at TIMESTAMP WITH TIME ZONE,
    published_at TIMESTAMP WITH TIME ZONE,
    withdrawn_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT working_groups_pkey PRIMARY KEY (id),
    CONSTRAINT working_groups_programme_id_name_key UNIQUE (programme_id, name),
    CONSTRAINT working_groups_started_on_check CHECK (state = 'concluded' or (started_on is not null) = (state = 'active')),
    CONSTRAINT working_groups_concluded_on_check CHECK ((concluded_on is not null) = (state = 'concluded')),
    CONSTRAINT working_groups_dates_check CHECK (started_on <= concluded_on),
    CONSTRAINT working_groups_state_reason_check CHECK (state_reason is null or state = 'concluded'),
    CONSTRAINT working_groups_published_at_check CHECK ((published_at is null) = (publication = 'draft')),
    CONSTRAINT working_groups_withdrawn_at_check CHECK ((withdrawn_at is not null) = (publication = 'withdrawn')),
    CONSTRAINT working_groups_territory_id_fkey FOREIGN KEY(territory_id) REFERENCES territories (id),
    CONSTRAINT working_groups_programme_id_fkey FOREIGN KEY(programme_id) REFERENCES programmes (id),
    CONSTRAINT working_groups_theme_id_fkey FOREIGN KEY(theme_id) REFERENCES themes (id),
    CONSTRAINT working_groups_group_state_check CHECK (state IN ('forming', 'active', 'concluded')),
    CONSTRAINT working_groups_publication_check CHECK (publication IN ('draft', 'published', 'withdrawn'))
);

CREATE INDEX working_groups_territory_id_sort_name_id_idx ON working_groups (territory_id, sort_name, id);

CREATE INDEX working_groups_theme_id_idx ON working_groups (theme_id);

CREATE TABLE working_group_leads (
    id SERIAL NOT NULL,
    working_group_id UUID NOT NULL,
    role VARCHAR(40) NOT NULL,
    actor_id UUID NOT NULL,
    actor_kind VARCHAR(40) NOT NULL,
    person_id UUID,
    valid_from DATE,
    valid_until DATE,
    CONSTRAINT working_group_leads_pkey PRIMARY KEY (id),
    CONSTRAINT working_group_leads_actor_id_actor_kind_fkey FOREIGN KEY(actor_id, actor_kind) REFERENCES actors (id, kind) ON UPDATE CASCADE,
    CONSTRAINT working_group_leads_kind_check CHECK (role = 'facilitator' or actor_kind = role),
    CONSTRAINT working_group_leads_facilitator_check CHECK (role <> 'facilitator' or person_id is not null),
    CONSTRAINT working_group_leads_validity_check CHECK (valid_from < valid_until),
    CONSTRAINT working_group_leads_role_excl EXCLUDE USING gist (working_group_id WITH =, role WITH =, daterange(valid_from, valid_until) WITH &&) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT working_group_leads_actor_excl EXCLUDE USING gist (working_group_id WITH =, actor_id WITH =, daterange(valid_from, valid_until) WITH &&) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT working_group_leads_working_group_id_fkey FOREIGN KEY(working_group_id) REFERENCES working_groups (id) ON DELETE CASCADE,
    CONSTRAINT working_group_leads_lead_role_check CHECK (role IN ('association', 'company', 'facilitator')),
    CONSTRAINT working_group_leads_actor_kind_check CHECK (actor_kind IN ('company', 'association', 'public_body', 'school', 'business_club', 'other')),
    CONSTRAINT working_group_leads_person_id_fkey FOREIGN KEY(person_id) REFERENCES people (id)
);

CREATE INDEX working_group_leads_actor_id_working_group_id_idx ON working_group_leads (actor_id, working_group_id);

CREATE INDEX working_group_leads_person_id_idx ON working_group_leads (person_id);

CREATE TABLE working_group_members (
    id UUID NOT NULL,
    territory_id UUID NOT NULL,
    working_group_id UUID NOT NULL,
    person_id UUID NOT NULL,
    actor_id UUID NOT NULL,
    role TEXT,
    valid_from DATE NOT NULL,
    valid_until DATE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT working_group_members_pkey PRIMARY KEY (id),
    CONSTRAINT working_group_members_validity_check CHECK (valid_from < valid_until),
    CONSTRAINT working_group_members_overlap_excl EXCLUDE USING gist (working_group_id WITH =, person_id WITH =, daterange(valid_from, valid_until) WITH &&),
    CONSTRAINT working_group_members_territory_id_fkey FOREIGN KEY(territory_id) REFERENCES territories (id),
    CONSTRAINT working_group_members_working_group_id_fkey FOREIGN KEY(working_group_id) REFERENCES working_groups (id),
    CONSTRAINT working_group_members_person_id_fkey FOREIGN KEY(person_id) REFERENCES people (id),
    CONSTRAINT working_group_members_actor_id_fkey FOREIGN KEY(actor_id) REFERENCES actors (id)
);

CREATE INDEX working_group_members_actor_id_working_group_id_idx ON working_group_members (actor_id, working_group_id);

CREATE INDEX working_group_members_person_id_idx ON working_group_members (person_id);

CREATE INDEX working_group_members_working_group_id_valid_from_id_idx ON working_group_members (working_group_id, valid_from, id);

CREATE TABLE needs (
    id UUID NOT NULL,
    territory_id UUID NOT NULL,
    theme_id UUID NOT NULL,
    statement TEXT NOT NULL,
    evidence TEXT,
    target_group TEXT,
    voiced_by_id UUID NOT NULL,
    voiced_on DATE NOT NULL,
    voiced_at_event_id UUID,
    working_group_id UUID,
    severity SMALLINT NOT NULL,
    state VARCHAR(40) NOT NULL,
    state_reason TEXT,
    state_since TIMESTAMP WITH TIME ZONE NOT NULL,
    is_demonstration BOOLEAN NOT NULL,
    search TSVECTOR GENERATED ALWAYS AS (to_tsvector('french'::regconfig, searchable(statement || ' ' || coalesce(target_group, '') || ' ' || coalesce(evidence, '')))) STORED NOT NULL,
    publication VARCHAR(40) NOT NULL,
    publish_at TIMESTAMP WITH TIME ZONE,
    published_at TIMESTAMP WITH TIME ZONE,
    withdrawn_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT needs_pkey PRIMARY KEY (id),
    CONSTRAINT needs_severity_check CHECK (severity between 1 and 5),
    CONSTRAINT needs_state_reason_check CHECK (state <> 'closed' or state_reason is not null),
    CONSTRAINT needs_published_at_check CHECK ((published_at is null) = (publication = 'draft')),
    CONSTRAINT needs_withdrawn_at_check CHECK ((withdrawn_at is not null) = (publication = 'withdrawn')),
    CONSTRAINT needs_territory_id_fkey FOREIGN KEY(territory_id) REFERENCES territories (id),
    CONSTRAINT needs_theme_id_fkey FOREIGN KEY(theme_id) REFERENCES themes (id),
    CONSTRAINT needs_voiced_by_id_fkey FOREIGN KEY(voiced_by_id) REFERENCES actors (id),
    CONSTRAINT needs_voiced_at_event_id_fkey FOREIGN KEY(voiced_at_event_id) REFERENCES events (id),
    CONSTRAINT needs_working_group_id_fkey FOREIGN KEY(working_group_id) REFERENCES working_groups (id),
    CONSTRAINT needs_need_state_check CHECK (state IN ('voiced', 'qualified', 'addressed', 'closed')),
    CONSTRAINT needs_publication_check CHECK (publication IN ('draft', 'published', 'withdrawn'))
);

CREATE INDEX needs_search_idx ON needs USING gin (search);

CREATE INDEX needs_territory_id_voiced_on_id_idx ON needs (territory_id, voiced_on, id);

CREATE INDEX needs_theme_id_idx ON needs (theme_id);

CREATE INDEX needs_voiced_at_event_id_idx ON needs (voiced_at_event_id);

CREATE INDEX needs_voiced_by_id_voiced_on_id_idx ON needs (voiced_by_id, voiced_on, id);

CREATE INDEX needs_working_group_id_voiced_on_id_idx ON needs (working_group_id, voiced_on, id);

ALTER TABLE events ADD COLUMN working_group_id UUID CONSTRAINT events_working_group_id_fkey REFERENCES working_groups (id);

CREATE INDEX events_working_group_id_starts_at_id_idx ON events (working_group_id, starts_at, id);

CREATE FUNCTION require_group_stands() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    held working_groups.id%TYPE := (to_jsonb(CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END) ->> TG_ARGV[0])::uuid;
BEGIN
    IF EXISTS (SELECT FROM working_groups WHERE id = held AND state = 'active')
        AND (SELECT count(DISTINCT role) FROM working_group_leads WHERE working_group_id = held) < 3
    THEN
        RAISE EXCEPTION 'an active group has a pair and a facilitator'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'working_groups_standing';
    END IF;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER require_group_stands AFTER INSERT OR UPDATE OF state ON working_groups
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION require_group_stands('id');

CREATE CONSTRAINT TRIGGER require_group_stands AFTER UPDATE OR DELETE ON working_group_leads
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION require_group_stands('working_group_id');
"""


def upgrade() -> None:
    ddl.run(SCHEMA)


def downgrade() -> None:
    ddl.run("""
ALTER TABLE events DROP COLUMN working_group_id;

DROP TABLE needs, working_group_members, working_group_leads, working_groups;

DROP FUNCTION require_group_stands;

ALTER TABLE actors DROP CONSTRAINT actors_id_kind_key;
""")
