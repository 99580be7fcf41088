"""Partnerships: their parties, what each gives, and reviews; an active one has two parties."""

from app.core import ddl

revision = "partnerships"
down_revision = "action_needs"
branch_labels = None
depends_on = None

SCHEMA = r"""
CREATE TABLE partnerships (
    id UUID NOT NULL,
    territory_id UUID NOT NULL,
    theme_id UUID,
    title TEXT NOT NULL,
    sort_title TEXT GENERATED ALWAYS AS (searchable(title)) STORED NOT NULL,
    type VARCHAR(40) NOT NULL,
    objectives TEXT[] NOT NULL,
    agreement_reference TEXT,
    agreement_signed_on DATE,
    starts_on DATE,
    ends_on DATE,
    stage VARCHAR(40) NOT NULL,
    stage_reason TEXT,
    ended_on DATE,
    is_demonstration BOOLEAN NOT NULL,
    publication VARCHAR(40) NOT NULL,
    publish_at TIMESTAMP WITH TIME ZONE,
    published_at TIMESTAMP WITH TIME ZONE,
    withdrawn_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT partnerships_pkey PRIMARY KEY (id),
    CONSTRAINT partnerships_period_check CHECK (starts_on <= ends_on),
    CONSTRAINT partnerships_ended_on_check CHECK ((ended_on is not null) = (stage = 'ended')),
    CONSTRAINT partnerships_stage_reason_check CHECK ((stage_reason is not null) = (stage in ('suspended', 'ended'))),
    CONSTRAINT partnerships_published_at_check CHECK ((published_at is null) = (publication = 'draft')),
    CONSTRAINT partnerships_withdrawn_at_check CHECK ((withdrawn_at is not null) = (publication = 'withdrawn')),
    CONSTRAINT partnerships_territory_id_fkey FOREIGN KEY(territory_id) REFERENCES territories (id),
    CONSTRAINT partnerships_theme_id_fkey FOREIGN KEY(theme_id) REFERENCES themes (id),
    CONSTRAINT partnerships_partnership_type_check CHECK (type IN ('patronage', 'responsible_practice', 'economic_cooperation', 'societal_innovation')),
    CONSTRAINT partnerships_partnership_stage_check CHECK (stage IN ('prospect', 'in_discussion', 'active', 'suspended', 'ended')),
    CONSTRAINT partnerships_publication_check CHECK (publication IN ('draft', 'published', 'withdrawn'))
);

CREATE INDEX partnerships_public_idx ON partnerships (sort_title, id) WHERE publication = 'published';

CREATE INDEX partnerships_publish_at_idx ON partnerships (publish_at) WHERE publication = 'published' and publish_at is not null;

CREATE INDEX partnerships_renewal_idx ON partnerships (territory_id, ends_on) WHERE stage in ('active', 'suspended');

CREATE INDEX partnerships_search_idx ON partnerships USING gin (sort_title gin_trgm_ops);

CREATE INDEX partnerships_territory_id_sort_title_id_idx ON partnerships (territory_id, sort_title, id);

CREATE INDEX partnerships_theme_id_idx ON partnerships (theme_id);

CREATE TABLE partnership_parties (
    id UUID NOT NULL,
    territory_id UUID NOT NULL,
    partnership_id UUID NOT NULL,
    actor_id UUID NOT NULL,
    role TEXT NOT NULL,
    benefit_sought TEXT,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT partnership_parties_pkey PRIMARY KEY (id),
    CONSTRAINT partnership_parties_partnership_id_actor_id_key UNIQUE (partnership_id, actor_id),
    CONSTRAINT partnership_parties_territory_id_fkey FOREIGN KEY(territory_id) REFERENCES territories (id),
    CONSTRAINT partnership_parties_partnership_id_fkey FOREIGN KEY(partnership_id) REFERENCES partnerships (id) ON DELETE CASCADE,
    CONSTRAINT partnership_parties_actor_id_fkey FOREIGN KEY(actor_id) REFERENCES actors (id)
);

CREATE INDEX partnership_parties_actor_id_partnership_id_idx ON partnership_parties (actor_id, partnership_id);

CREATE TABLE partnership_contributions (
    partnership_id UUID NOT NULL,
    giver_id UUID NOT NULL,
    position SMALLINT NOT NULL,
    recipient_id UUID,
    kind VARCHAR(40) NOT NULL,
    description TEXT,
    planned_amount NUMERIC(14, 2),
    real_amount NUMERIC(14, 2),
    CONSTRAINT partnership_contributions_pkey PRIMARY KEY (partnership_id, giver_id, position),
    CONSTRAINT partnership_contributions_partnership_id_giver_id_fkey FOREIGN KEY(partnership_id, giver_id) REFERENCES partnership_parties (partnership_id, actor_id) ON DELETE CASCADE,
    CONSTRAINT partnership_contributions_recipient_fkey FOREIGN KEY(partnership_id, recipient_id) REFERENCES partnership_parties (partnership_id, actor_id),
    CONSTRAINT partnership_contributions_recipient_check CHECK (giver_id <> recipient_id),
    CONSTRAINT partnership_contributions_amount_check CHECK (num_nonnulls(planned_amount, real_amount) >= 1),
    CONSTRAINT partnership_contributions_amounts_check CHECK (planned_amount >= 0 and real_amount >= 0),
    CONSTRAINT partnership_contributions_contribution_kind_check CHECK (kind IN ('money', 'hours', 'premises', 'skills'))
);

CREATE INDEX partnership_contributions_recipient_idx ON partnership_contributions (partnership_id, recipient_id);

CREATE TABLE partnership_reviews (
    id UUID NOT NULL,
    territory_id UUID NOT NULL,
    partnership_id UUID NOT NULL,
    actor_id UUID NOT NULL,
    starts_on DATE NOT NULL,
    ends_on DATE NOT NULL,
    performance SMALLINT NOT NULL,
    innovation SMALLINT NOT NULL,
    trust SMALLINT NOT NULL,
    balance SMALLINT NOT NULL,
    comment TEXT,
    is_by_party BOOLEAN NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT partnership_reviews_pkey PRIMARY KEY (id),
    CONSTRAINT partnership_reviews_party_fkey FOREIGN KEY(partnership_id, actor_id) REFERENCES partnership_parties (partnership_id, actor_id),
    CONSTRAINT partnership_reviews_period_check CHECK (starts_on <= ends_on),
    CONSTRAINT partnership_reviews_performance_check CHECK (performance between 1 and 5),
    CONSTRAINT partnership_reviews_innovation_check CHECK (innovation between 1 and 5),
    CONSTRAINT partnership_reviews_trust_check CHECK (trust between 1 and 5),
    CONSTRAINT partnership_reviews_balance_check CHECK (balance between 1 and 5),
    CONSTRAINT partnership_reviews_overlap_excl EXCLUDE USING gist (partnership_id WITH =, actor_id WITH =, daterange(starts_on, ends_on, '[]') WITH &&),
    CONSTRAINT partnership_reviews_territory_id_fkey FOREIGN KEY(territory_id) REFERENCES territories (id),
    CONSTRAINT partnership_reviews_partnership_id_fkey FOREIGN KEY(partnership_id) REFERENCES partnerships (id)
);

CREATE INDEX partnership_reviews_partnership_id_starts_on_id_idx ON partnership_reviews (partnership_id, starts_on, id);

-- Held to at the end of the transaction, one transaction at a time for a partnership: two parties that leave at once
-- would each count the other.
CREATE FUNCTION check_partnership_parties() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    subject uuid;
    current text;
BEGIN
    IF TG_TABLE_NAME = 'partnerships' THEN
        subject := NEW.id;
    ELSE
        subject := OLD.partnership_id;
    END IF;
    SELECT stage INTO current FROM partnerships WHERE id = subject FOR NO KEY UPDATE;
    IF current = 'active' AND (SELECT count(*) FROM partnership_parties WHERE partnership_id = subject) < 2 THEN
        RAISE EXCEPTION 'an active partnership has two parties'
            USING ERRCODE = 'check_violation', CONSTRAINT = 'partnerships_active_parties';
    END IF;
    RETURN NULL;
END
$$;

CREATE CONSTRAINT TRIGGER check_parties AFTER INSERT OR UPDATE OF stage ON partnerships
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.stage = 'active')
    EXECUTE FUNCTION check_partnership_parties();

CREATE CONSTRAINT TRIGGER check_parties AFTER DELETE OR UPDATE OF partnership_id ON partnership_parties
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION check_partnership_parties();
"""


def upgrade() -> None:
    ddl.run(SCHEMA)


def downgrade() -> None:
    ddl.run("""
DROP TABLE partnership_reviews, partnership_contributions, partnership_parties, partnerships;

DROP FUNCTION check_partnership_parties;

DELETE FROM tombstones WHERE resource = 'partnerships';
""")
