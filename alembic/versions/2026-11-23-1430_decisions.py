"""Decisions put to the vote: frozen once open, closed with the ballots that came in, and secret for good if they are."""

from app.core import ddl

revision = "decisions"
down_revision = "waiting_events"
branch_labels = None
depends_on = None

SCHEMA = r"""
CREATE TABLE decisions (
    id UUID NOT NULL,
    territory_id UUID NOT NULL,
    question TEXT NOT NULL,
    description TEXT,
    programme_id UUID,
    working_group_id UUID,
    event_id UUID,
    theme_id UUID,
    method VARCHAR(40) NOT NULL,
    majority_base VARCHAR(40),
    threshold_numerator INTEGER,
    threshold_denominator INTEGER,
    is_threshold_strict BOOLEAN,
    points_budget INTEGER,
    points_per_option INTEGER,
    grades TEXT[],
    secrecy VARCHAR(40) NOT NULL,
    voices VARCHAR(40),
    quorum_voters INTEGER,
    quorum_percent INTEGER,
    opens_at TIMESTAMP WITH TIME ZONE,
    closes_at TIMESTAMP WITH TIME ZONE,
    state VARCHAR(40) NOT NULL,
    opened_at TIMESTAMP WITH TIME ZONE,
    closed_at TIMESTAMP WITH TIME ZONE,
    cancelled_at TIMESTAMP WITH TIME ZONE,
    cancellation_reason TEXT,
    is_demonstration BOOLEAN NOT NULL,
    search TSVECTOR GENERATED ALWAYS AS (to_tsvector('french'::regconfig, searchable(question || ' ' || coalesce(description, '')))) STORED NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT decisions_pkey PRIMARY KEY (id),
    CONSTRAINT decisions_majority_check CHECK ((method = 'majority') = (majority_base is not null)),
    CONSTRAINT decisions_threshold_together_check CHECK (num_nonnulls(threshold_numerator, threshold_denominator, is_threshold_strict) in (0, 3)),
    CONSTRAINT decisions_threshold_method_check CHECK (threshold_numerator is null or method = 'majority'),
    CONSTRAINT decisions_threshold_check CHECK (threshold_numerator > 0 and (threshold_numerator < threshold_denominator or threshold_numerator = threshold_denominator and not is_threshold_strict)),
    CONSTRAINT decisions_points_check CHECK ((method = 'points') = (points_budget is not null)),
    CONSTRAINT decisions_points_budget_check CHECK (points_budget > 0),
    CONSTRAINT decisions_points_per_option_check CHECK (points_per_option is null or coalesce(points_per_option between 1 and points_budget, false)),
    CONSTRAINT decisions_judgment_check CHECK ((method = 'majority_judgment') = (grades is not null)),
    CONSTRAINT decisions_grades_check CHECK (cardinality(grades) > 1),
    CONSTRAINT decisions_quorum_check CHECK (num_nonnulls(quorum_voters, quorum_percent) < 2),
    CONSTRAINT decisions_quorum_voters_check CHECK (quorum_voters > 0),
    CONSTRAINT decisions_quorum_percent_check CHECK (quorum_percent between 1 and 100),
    CONSTRAINT decisions_dates_check CHECK (opens_at < closes_at),
    CONSTRAINT decisions_voices_given_check CHECK (voices is not null or opened_at is null),
    CONSTRAINT decisions_opened_at_check CHECK (case state when 'draft' then opened_at is null when 'cancelled' then true else opened_at is not null end),
    CONSTRAINT decisions_closed_at_check CHECK ((closed_at is not null) = (state = 'closed')),
    CONSTRAINT decisions_cancelled_at_check CHECK ((cancelled_at is not null) = (state = 'cancelled')),
    CONSTRAINT decisions_cancellation_reason_check CHECK ((cancellation_reason is not null) = (state = 'cancelled')),
    CONSTRAINT decisions_territory_id_fkey FOREIGN KEY(territory_id) REFERENCES territories (id),
    CONSTRAINT decisions_programme_id_fkey FOREIGN KEY(programme_id) REFERENCES programmes (id),
    CONSTRAINT decisions_working_group_id_fkey FOREIGN KEY(working_group_id) REFERENCES working_groups (id),
    CONSTRAINT decisions_event_id_fkey FOREIGN KEY(event_id) REFERENCES events (id),
    CONSTRAINT decisions_theme_id_fkey FOREIGN KEY(theme_id) REFERENCES themes (id),
    CONSTRAINT decisions_method_name_check CHECK (method IN ('consent', 'majority', 'approval', 'points', 'ranked', 'majority_judgment')),
    CONSTRAINT decisions_majority_base_check CHECK (majority_base IN ('expressed', 'with_blank', 'ballots', 'electors')),
    CONSTRAINT decisions_secrecy_check CHECK (secrecy IN ('secret', 'open')),
    CONSTRAINT decisions_voices_check CHECK (voices IN ('people', 'actors')),
    CONSTRAINT decisions_decision_state_check CHECK (state IN ('draft', 'open', 'closed', 'cancelled'))
);

CREATE INDEX decisions_event_id_idx ON decisions (event_id);

CREATE INDEX decisions_programme_id_idx ON decisions (programme_id);

CREATE INDEX decisions_search_idx ON decisions USING gin (search);

CREATE INDEX decisions_territory_id_id_idx ON decisions (territory_id, id);

CREATE INDEX decisions_theme_id_idx ON decisions (theme_id);

CREATE INDEX decisions_working_group_id_idx ON decisions (working_group_id);

CREATE TABLE decision_options (
    id UUID NOT NULL,
    decision_id UUID NOT NULL,
    position SMALLINT NOT NULL,
    label TEXT NOT NULL,
    description TEXT,
    is_status_quo BOOLEAN NOT NULL,
    CONSTRAINT decision_options_pkey PRIMARY KEY (id),
    CONSTRAINT decision_options_decision_id_position_key UNIQUE (decision_id, position),
    CONSTRAINT decision_options_decision_id_fkey FOREIGN KEY(decision_id) REFERENCES decisions (id) ON DELETE CASCADE
);

CREATE UNIQUE INDEX decision_options_status_quo_key ON decision_options (decision_id) WHERE is_status_quo;

CREATE TABLE electors (
    id UUID NOT NULL,
    decision_id UUID NOT NULL,
    actor_id UUID,
    person_id UUID,
    has_voted BOOLEAN,
    CONSTRAINT electors_pkey PRIMARY KEY (id),
    CONSTRAINT electors_id_decision_id_key UNIQUE (id, decision_id),
    CONSTRAINT electors_someone_check CHECK (num_nonnulls(person_id, actor_id) > 0),
    CONSTRAINT electors_decision_id_fkey FOREIGN KEY(decision_id) REFERENCES decisions (id) ON DELETE CASCADE,
    CONSTRAINT electors_actor_id_fkey FOREIGN KEY(actor_id) REFERENCES actors (id),
    CONSTRAINT electors_person_id_fkey FOREIGN KEY(person_id) REFERENCES people (id)
);

CREATE INDEX electors_actor_id_decision_id_idx ON electors (actor_id, decision_id);

CREATE UNIQUE INDEX electors_decision_id_actor_id_key ON electors (decision_id, actor_id) WHERE person_id is null;

CREATE INDEX electors_decision_id_id_idx ON electors (decision_id, id);

CREATE UNIQUE INDEX electors_decision_id_person_id_key ON electors (decision_id, person_id) WHERE person_id is not null;

CREATE INDEX electors_person_id_idx ON electors (person_id);

CREATE TABLE ballots (
    id UUID NOT NULL,
    territory_id UUID NOT NULL,
    decision_id UUID NOT NULL,
    elector_id UUID NOT NULL,
    content JSONB NOT NULL,
    cast_by TEXT NOT NULL,
    is_by_hand BOOLEAN NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT ballots_pkey PRIMARY KEY (id),
    CONSTRAINT ballots_elector_id_key UNIQUE (elector_id),
    CONSTRAINT ballots_elector_id_decision_id_fkey FOREIGN KEY(elector_id, decision_id) REFERENCES electors (id, decision_id),
    CONSTRAINT ballots_territory_id_fkey FOREIGN KEY(territory_id) REFERENCES territories (id)
);

CREATE INDEX ballots_decision_id_id_idx ON ballots (decision_id, id);

CREATE TABLE secret_ballots (
    id UUID NOT NULL,
    decision_id UUID NOT NULL,
    content JSONB NOT NULL,
    CONSTRAINT secret_ballots_pkey PRIMARY KEY (id),
    CONSTRAINT secret_ballots_decision_id_fkey FOREIGN KEY(decision_id) REFERENCES decisions (id)
);

CREATE INDEX secret_ballots_decision_id_id_idx ON secret_ballots (decision_id, id);

CREATE FUNCTION conflict(broken text) RETURNS void LANGUAGE plpgsql AS $$
-- What is right in itself, and contradicts where another row stands.
BEGIN
    RAISE EXCEPTION 'violates %', broken USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = broken;
END
$$;

-- Draft, then open, then closed, or cancelled instead. From opening on, only the dates change; from then on, nothing.
CREATE FUNCTION decisions_stand() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    beside text[] := '{search,updated_at,version}';
BEGIN
    IF TG_OP = 'DELETE' THEN
        IF OLD.state <> 'draft' THEN
            PERFORM conflict('decisions_frozen');
        END IF;
        RETURN OLD;
    END IF;
    IF TG_OP = 'INSERT' THEN
        IF NEW.state <> 'draft' THEN
            PERFORM conflict('decisions_frozen');
        END IF;
        RETURN NEW;
    END IF;
    IF OLD.state = 'draft' THEN
        IF NEW.state NOT IN ('draft', 'open', 'cancelled') THEN
            PERFORM conflict('decisions_frozen');
        END IF;
    ELSE
        IF OLD.state = 'open' THEN
            beside := beside || '{state,opens_at,closes_at,closed_at,cancelled_at,cancellation_reason}';
        END IF;
        IF NEW.state = 'draft' OR to_jsonb(NEW) - beside <> to_jsonb(OLD) - beside THEN
            PERFORM conflict('decisions_frozen');
        END IF;
    END IF;
    IF OLD.state = 'draft' AND NEW.state = 'open' THEN
        IF NOT EXISTS (SELECT FROM electors WHERE decision_id = NEW.id) THEN
            PERFORM conflict('decisions_electors');
        ELSIF ((SELECT count(*) FROM decision_options WHERE decision_id = NEW.id) = 1) <> (NEW.method = 'consent')
            OR NOT EXISTS (SELECT FROM decision_options WHERE decision_id = NEW.id)
        THEN
            PERFORM conflict('decisions_options');
        END IF;
    ELSIF OLD.state = 'open' AND NEW.state = 'closed' THEN
        UPDATE electors SET has_voted = EXISTS (SELECT FROM ballots WHERE ballots.elector_id = electors.id)
        WHERE decision_id = NEW.id;
        IF NEW.secrecy = 'secret' THEN
            -- In one go, in the order of random identifiers: neither place, nor time, nor transaction tells who.
            INSERT INTO secret_ballots (id, decision_id, content)
            SELECT gen_random_uuid() AS anew, decision_id, content FROM ballots
            WHERE decision_id = NEW.id ORDER BY anew;
            DELETE FROM ballots WHERE decision_id = NEW.id;
        END IF;
    ELSIF OLD.state = 'open' AND NEW.state = 'cancelled' THEN
        DELETE FROM ballots WHERE decision_id = NEW.id;
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER decisions_stand BEFORE INSERT OR UPDATE OR DELETE ON decisions
    FOR EACH ROW EXECUTE FUNCTION decisions_stand();

-- Options and electors come and go with a draft only. The decision is held meanwhile, so that it is not opened.
CREATE FUNCTION drafts_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM FROM decisions WHERE id IN (SELECT decision_id FROM changed) FOR SHARE;
    IF EXISTS (SELECT FROM decisions WHERE id IN (SELECT decision_id FROM changed) AND state <> 'draft') THEN
        PERFORM conflict(TG_TABLE_NAME || '_frozen');
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER options_added AFTER INSERT ON decision_options
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION drafts_only();

CREATE TRIGGER options_changed AFTER UPDATE ON decision_options
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION drafts_only();

CREATE TRIGGER options_removed AFTER DELETE ON decision_options
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION drafts_only();

CREATE TRIGGER electors_added AFTER INSERT ON electors
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION drafts_only();

CREATE TRIGGER electors_removed AFTER DELETE ON electors
    REFERENCING OLD TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION drafts_only();

CREATE FUNCTION electors_voices() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (
        SELECT FROM changed JOIN decisions ON decisions.id = decision_id
        WHERE (person_id IS NULL) IS DISTINCT FROM (voices = 'actors')
    ) THEN
        PERFORM refuse('electors_voices');
    END IF;
    RETURN NULL;
END
$$;

CREATE TRIGGER electors_voices AFTER INSERT ON electors
    REFERENCING NEW TABLE AS changed FOR EACH STATEMENT EXECUTE FUNCTION electors_voices();

-- Whether an elector voted is written when the vote is closed, by that alone.
CREATE FUNCTION electors_stand() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM conflict('electors_frozen');
END
$$;

CREATE TRIGGER electors_stand BEFORE UPDATE ON electors
    FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION electors_stand();

-- Ballots come, change and go while the vote is open. Closing waits for those on their way, and later ones see it closed.
CREATE FUNCTION ballots_while_open() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    ballot ballots%ROWTYPE := CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
BEGIN
    PERFORM FROM decisions WHERE id = ballot.decision_id AND state = 'open' FOR SHARE;
    IF NOT FOUND OR (TG_OP = 'UPDATE' AND NEW.elector_id <> OLD.elector_id) THEN
        PERFORM conflict('ballots_open');
    END IF;
    RETURN ballot;
END
$$;

CREATE TRIGGER ballots_while_open BEFORE INSERT OR UPDATE OR DELETE ON ballots
    FOR EACH ROW EXECUTE FUNCTION ballots_while_open();

-- Only closing a vote writes these, and nothing changes them.
CREATE FUNCTION secret_ballots_stand() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM conflict('secret_ballots_frozen');
END
$$;

CREATE TRIGGER secret_ballots_are_counted BEFORE INSERT ON secret_ballots
    FOR EACH ROW WHEN (pg_trigger_depth() = 0) EXECUTE FUNCTION secret_ballots_stand();

CREATE TRIGGER secret_ballots_stand BEFORE UPDATE OR DELETE ON secret_ballots
    FOR EACH ROW EXECUTE FUNCTION secret_ballots_stand();

-- What is left of ballots deleted above is cleared within a minute or so, rather than when there are many.
ALTER TABLE ballots SET (autovacuum_vacuum_threshold = 0, autovacuum_vacuum_scale_factor = 0);
"""


def upgrade() -> None:
    ddl.run(SCHEMA)
    ddl.append_only("secret_ballots")


def downgrade() -> None:
    ddl.run("""
DROP TABLE secret_ballots, ballots, electors, decision_options, decisions;

DROP FUNCTION decisions_stand, drafts_only, electors_voices, electors_stand, ballots_while_open, secret_ballots_stand,
    conflict;
""")
