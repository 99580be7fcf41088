"""Action plans, their actions with milestones and notes, mentorships and means."""

from app.core import ddl

revision = "action_plans"
down_revision = "dialogue"
branch_labels = None
depends_on = None

SCHEMA = r"""
CREATE FUNCTION titled_search(title text, texts text) RETURNS tsvector IMMUTABLE PARALLEL SAFE LANGUAGE sql AS $$
    SELECT setweight(to_tsvector('pg_catalog.french', searchable(coalesce(title, ''))), 'A')
        || setweight(to_tsvector('pg_catalog.french', searchable(coalesce(texts, ''))), 'C')
$$;

CREATE FUNCTION titled_search(title text, texts text, more text) RETURNS tsvector IMMUTABLE PARALLEL SAFE LANGUAGE sql AS $$
    SELECT titled_search(title, concat_ws(' ', texts, more))
$$;

CREATE TABLE action_plans (
    id UUID NOT NULL,
    territory_id UUID NOT NULL,
    programme_id UUID NOT NULL,
    theme_id UUID,
    is_cross_cutting BOOLEAN NOT NULL,
    title TEXT NOT NULL,
    sort_title TEXT GENERATED ALWAYS AS (searchable(title)) STORED NOT NULL,
    summary TEXT,
    starts_on DATE,
    ends_on DATE,
    state VARCHAR(40) NOT NULL,
    adopted_at_event_id UUID,
    is_demonstration BOOLEAN NOT NULL,
    search TSVECTOR GENERATED ALWAYS AS (titled_search(title, summary)) STORED NOT NULL,
    publication VARCHAR(40) NOT NULL,
    publish_at TIMESTAMP WITH TIME ZONE,
    published_at TIMESTAMP WITH TIME ZONE,
    withdrawn_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT action_plans_pkey PRIMARY KEY (id),
    CONSTRAINT action_plans_theme_check CHECK ((theme_id is null) = is_cross_cutting),
    CONSTRAINT action_plans_dates_check CHECK (starts_on <= ends_on),
    CONSTRAINT action_plans_adoption_check CHECK ((state = 'draft') = (adopted_at_event_id is null)),
    CONSTRAINT action_plans_published_at_check CHECK ((published_at is null) = (publication = 'draft')),
    CONSTRAINT action_plans_withdrawn_at_check CHECK ((withdrawn_at is not null) = (publication = 'withdrawn')),
    CONSTRAINT action_plans_territory_id_fkey FOREIGN KEY(territory_id) REFERENCES territories (id),
    CONSTRAINT action_plans_programme_id_fkey FOREIGN KEY(programme_id) REFERENCES programmes (id),
    CONSTRAINT action_plans_theme_id_fkey FOREIGN KEY(theme_id) REFERENCES themes (id),
    CONSTRAINT action_plans_plan_state_check CHECK (state IN ('draft', 'adopted', 'running', 'closed')),
    CONSTRAINT action_plans_adopted_at_event_id_fkey FOREIGN KEY(adopted_at_event_id) REFERENCES events (id),
    CONSTRAINT action_plans_publication_check CHECK (publication IN ('draft', 'published', 'withdrawn'))
);

CREATE INDEX action_plans_adopted_at_event_id_idx ON action_plans (adopted_at_event_id);

CREATE INDEX action_plans_programme_id_idx ON action_plans (programme_id);

CREATE INDEX action_plans_public_idx ON action_plans (sort_title, id) WHERE publication = 'published';

CREATE INDEX action_plans_publish_at_idx ON action_plans (publish_at) WHERE publication = 'published' and publish_at is not null;

CREATE INDEX action_plans_search_idx ON action_plans USING gin (search);

CREATE INDEX action_plans_territory_id_sort_title_id_idx ON action_plans (territory_id, sort_title, id);

CREATE INDEX action_plans_theme_id_idx ON action_plans (theme_id);

CREATE TABLE actions (
    id UUID NOT NULL,
    territory_id UUID NOT NULL,
    plan_id UUID NOT NULL,
    is_cross_cutting BOOLEAN NOT NULL,
    title TEXT NOT NULL,
    sort_title TEXT GENERATED ALWAYS AS (searchable(title)) STORED NOT NULL,
    description TEXT,
    objective TEXT,
    proposed_at_event_id UUID,
    state VARCHAR(40) NOT NULL,
    state_reason TEXT,
    planned_start_on DATE,
    planned_end_on DATE,
    started_on DATE,
    ended_on DATE,
    beneficiaries_planned INTEGER,
    beneficiaries_real INTEGER,
    is_demonstration BOOLEAN NOT NULL,
    search TSVECTOR GENERATED ALWAYS AS (titled_search(title, objective, description)) STORED NOT NULL,
    publication VARCHAR(40) NOT NULL,
    publish_at TIMESTAMP WITH TIME ZONE,
    published_at TIMESTAMP WITH TIME ZONE,
    withdrawn_at TIMESTAMP WITH TIME ZONE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT actions_pkey PRIMARY KEY (id),
    CONSTRAINT actions_planned_period_check CHECK (planned_start_on <= planned_end_on),
    CONSTRAINT actions_period_check CHECK (started_on <= ended_on),
    CONSTRAINT actions_started_on_check CHECK (state = 'abandoned' or (started_on is null) = (state in ('proposed', 'selected'))),
    CONSTRAINT actions_ended_on_check CHECK ((ended_on is not null) = (state in ('completed', 'abandoned'))),
    CONSTRAINT actions_state_reason_check CHECK ((state_reason is not null) = (state in ('paused', 'abandoned'))),
    CONSTRAINT actions_beneficiaries_check CHECK (beneficiaries_planned >= 0 and beneficiaries_real >= 0),
    CONSTRAINT actions_published_at_check CHECK ((published_at is null) = (publication = 'draft')),
    CONSTRAINT actions_withdrawn_at_check CHECK ((withdrawn_at is not null) = (publication = 'withdrawn')),
    CONSTRAINT actions_territory_id_fkey FOREIGN KEY(territory_id) REFERENCES territories (id),
    CONSTRAINT actions_plan_id_fkey FOREIGN KEY(plan_id) REFERENCES action_plans (id),
    CONSTRAINT actions_proposed_at_event_id_fkey FOREIGN KEY(proposed_at_event_id) REFERENCES events (id),
    CONSTRAINT actions_action_state_check CHECK (state IN ('proposed', 'selected', 'in_progress', 'paused', 'completed', 'abandoned')),
    CONSTRAINT actions_publication_check CHECK (publication IN ('draft', 'published', 'withdrawn'))
);

CREATE INDEX actions_open_idx ON actions (territory_id, planned_end_on) WHERE state not in ('completed', 'abandoned');

CREATE INDEX actions_plan_id_sort_title_id_idx ON actions (plan_id, sort_title, id);

CREATE INDEX actions_proposed_at_event_id_idx ON actions (proposed_at_event_id);

CREATE INDEX actions_public_idx ON actions (sort_title, id) WHERE publication = 'published';

CREATE INDEX actions_publish_at_idx ON actions (publish_at) WHERE publication = 'published' and publish_at is not null;

CREATE INDEX actions_search_idx ON actions USING gin (search);

CREATE INDEX actions_territory_id_sort_title_id_idx ON actions (territory_id, sort_title, id);

CREATE TABLE action_themes (
    action_id UUID NOT NULL,
    theme_id UUID NOT NULL,
    CONSTRAINT action_themes_pkey PRIMARY KEY (action_id, theme_id),
    CONSTRAINT action_themes_action_id_fkey FOREIGN KEY(action_id) REFERENCES actions (id) ON DELETE CASCADE,
    CONSTRAINT action_themes_theme_id_fkey FOREIGN KEY(theme_id) REFERENCES themes (id)
);

CREATE INDEX action_themes_theme_id_idx ON action_themes (theme_id);

CREATE TABLE action_actors (
    action_id UUID NOT NULL,
    actor_id UUID NOT NULL,
    role VARCHAR(40) NOT NULL,
    position SMALLINT NOT NULL,
    CONSTRAINT action_actors_pkey PRIMARY KEY (action_id, actor_id),
    CONSTRAINT action_actors_action_id_fkey FOREIGN KEY(action_id) REFERENCES actions (id) ON DELETE CASCADE,
    CONSTRAINT action_actors_actor_id_fkey FOREIGN KEY(actor_id) REFERENCES actors (id),
    CONSTRAINT action_actors_action_actor_role_check CHECK (role IN ('lead', 'partner'))
);

CREATE INDEX action_actors_actor_id_role_action_id_idx ON action_actors (actor_id, role, action_id);

CREATE TABLE milestones (
    id UUID NOT NULL,
    territory_id UUID NOT NULL,
    action_id UUID NOT NULL,
    position INTEGER NOT NULL,
    title TEXT NOT NULL,
    due_on DATE,
    done_on DATE,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT milestones_pkey PRIMARY KEY (id),
    CONSTRAINT milestones_action_id_position_key UNIQUE (action_id, position) DEFERRABLE INITIALLY DEFERRED,
    CONSTRAINT milestones_position_check CHECK (position >= 1),
    CONSTRAINT milestones_territory_id_fkey FOREIGN KEY(territory_id) REFERENCES territories (id),
    CONSTRAINT milestones_action_id_fkey FOREIGN KEY(action_id) REFERENCES actions (id) ON DELETE CASCADE
);

CREATE INDEX milestones_due_on_idx ON milestones (territory_id, due_on) WHERE done_on is null;

CREATE TABLE action_notes (
    id UUID NOT NULL,
    territory_id UUID NOT NULL,
    action_id UUID NOT NULL,
    actor_id UUID,
    author TEXT NOT NULL,
    text TEXT NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT action_notes_pkey PRIMARY KEY (id),
    CONSTRAINT action_notes_territory_id_fkey FOREIGN KEY(territory_id) REFERENCES territories (id),
    CONSTRAINT action_notes_action_id_fkey FOREIGN KEY(action_id) REFERENCES actions (id) ON DELETE CASCADE,
    CONSTRAINT action_notes_actor_id_fkey FOREIGN KEY(actor_id) REFERENCES actors (id)
);

CREATE INDEX action_notes_action_id_created_at_id_idx ON action_notes (action_id, created_at, id);

CREATE INDEX action_notes_actor_id_idx ON action_notes (actor_id);

CREATE TABLE mentorships (
    id UUID NOT NULL,
    territory_id UUID NOT NULL,
    action_id UUID NOT NULL,
    mentee_code TEXT NOT NULL,
    mentor_id UUID,
    actor_id UUID,
    state VARCHAR(40) NOT NULL,
    state_reason TEXT,
    started_on DATE,
    ended_on DATE,
    outcome VARCHAR(40),
    is_demonstration BOOLEAN NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT mentorships_pkey PRIMARY KEY (id),
    CONSTRAINT mentorships_territory_id_mentee_code_key UNIQUE (territory_id, mentee_code),
    CONSTRAINT mentorships_mentee_code_check CHECK (mentee_code ~ '^[A-HJKMNP-Z2-9]{8}$'),
    CONSTRAINT mentorships_mentor_check CHECK ((mentor_id is null) = (state = 'open')),
    CONSTRAINT mentorships_actor_check CHECK ((actor_id is null) = (mentor_id is null)),
    CONSTRAINT mentorships_started_on_check CHECK ((started_on is null) = (state in ('open', 'matched'))),
    CONSTRAINT mentorships_ended_on_check CHECK ((ended_on is not null) = (state in ('completed', 'interrupted'))),
    CONSTRAINT mentorships_period_check CHECK (started_on <= ended_on),
    CONSTRAINT mentorships_state_reason_check CHECK ((state_reason is not null) = (state = 'interrupted')),
    CONSTRAINT mentorships_outcome_check CHECK (case state when 'completed' then outcome is not null when 'interrupted' then true else outcome is null end),
    CONSTRAINT mentorships_territory_id_fkey FOREIGN KEY(territory_id) REFERENCES territories (id),
    CONSTRAINT mentorships_action_id_fkey FOREIGN KEY(action_id) REFERENCES actions (id),
    CONSTRAINT mentorships_mentor_id_fkey FOREIGN KEY(mentor_id) REFERENCES people (id),
    CONSTRAINT mentorships_actor_id_fkey FOREIGN KEY(actor_id) REFERENCES actors (id),
    CONSTRAINT mentorships_mentorship_state_check CHECK (state IN ('open', 'matched', 'active', 'completed', 'interrupted')),
    CONSTRAINT mentorships_situation_check CHECK (outcome IN ('apprenticeship', 'employment', 'training', 'seeking', 'other', 'unknown'))
);

CREATE INDEX mentorships_action_id_idx ON mentorships (action_id);

CREATE INDEX mentorships_actor_id_idx ON mentorships (actor_id);

CREATE INDEX mentorships_mentor_id_idx ON mentorships (mentor_id);

CREATE INDEX mentorships_territory_id_created_at_id_idx ON mentorships (territory_id, created_at, id);

CREATE TABLE mentorship_follow_ups (
    mentorship_id UUID NOT NULL,
    months SMALLINT NOT NULL,
    done_on DATE,
    situation VARCHAR(40),
    note TEXT,
    CONSTRAINT mentorship_follow_ups_pkey PRIMARY KEY (mentorship_id, months),
    CONSTRAINT mentorship_follow_ups_months_check CHECK (months in (6, 12, 18, 24)),
    CONSTRAINT mentorship_follow_ups_done_check CHECK ((done_on is null) = (situation is null)),
    CONSTRAINT mentorship_follow_ups_note_check CHECK (note is null or done_on is not null),
    CONSTRAINT mentorship_follow_ups_mentorship_id_fkey FOREIGN KEY(mentorship_id) REFERENCES mentorships (id) ON DELETE CASCADE,
    CONSTRAINT mentorship_follow_ups_situation_check CHECK (situation IN ('apprenticeship', 'employment', 'training', 'seeking', 'other', 'unknown'))
);

CREATE INDEX mentorship_follow_ups_to_do_idx ON mentorship_follow_ups (months, mentorship_id) WHERE done_on is null;

CREATE TABLE means (
    id UUID NOT NULL,
    territory_id UUID NOT NULL,
    programme_id UUID,
    action_id UUID,
    provider_id UUID,
    label TEXT NOT NULL,
    sort_label TEXT GENERATED ALWAYS AS (searchable(label)) STORED NOT NULL,
    kind VARCHAR(40) NOT NULL,
    unit VARCHAR(40) NOT NULL,
    planned_amount NUMERIC(14, 2),
    real_amount NUMERIC(14, 2),
    starts_on DATE,
    ends_on DATE,
    is_demonstration BOOLEAN NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT means_pkey PRIMARY KEY (id),
    CONSTRAINT means_kind_unit_check CHECK (case kind when 'budget' then unit = 'EUR' when 'staff' then unit in ('FTE', 'hour') when 'time' then unit = 'hour' else unit in ('EUR', 'hour') end),
    CONSTRAINT means_subject_check CHECK (num_nonnulls(programme_id, action_id) = 1),
    CONSTRAINT means_amount_check CHECK (num_nonnulls(planned_amount, real_amount) >= 1),
    CONSTRAINT means_amounts_check CHECK (planned_amount >= 0 and real_amount >= 0),
    CONSTRAINT means_dates_check CHECK (starts_on <= ends_on),
    CONSTRAINT means_territory_id_fkey FOREIGN KEY(territory_id) REFERENCES territories (id),
    CONSTRAINT means_programme_id_fkey FOREIGN KEY(programme_id) REFERENCES programmes (id),
    CONSTRAINT means_action_id_fkey FOREIGN KEY(action_id) REFERENCES actions (id),
    CONSTRAINT means_provider_id_fkey FOREIGN KEY(provider_id) REFERENCES actors (id),
    CONSTRAINT means_means_kind_check CHECK (kind IN ('budget', 'staff', 'time', 'in_kind', 'premises')),
    CONSTRAINT means_means_unit_check CHECK (unit IN ('EUR', 'FTE', 'hour'))
);

CREATE INDEX means_action_id_idx ON means (action_id);

CREATE INDEX means_programme_id_idx ON means (programme_id);

CREATE INDEX means_provider_id_idx ON means (provider_id);

CREATE INDEX means_territory_id_sort_label_id_idx ON means (territory_id, sort_label, id);
"""


def upgrade() -> None:
    ddl.run(SCHEMA)


def downgrade() -> None:
    ddl.run("""
DROP TABLE means, mentorship_follow_ups, mentorships, action_notes, milestones, action_actors, action_themes, actions, action_plans;

DROP FUNCTION titled_search(text, text, text);

DROP FUNCTION titled_search(text, text);
""")
