"""Events, what they were before, and what is left when they go."""

from app.core import ddl

revision = "events"
down_revision = "actors"
branch_labels = None
depends_on = None

SCHEMA = r"""
CREATE FUNCTION event_search(title text, summary text, description text, place text, keywords text[])
RETURNS tsvector IMMUTABLE PARALLEL SAFE LANGUAGE sql AS $$
    SELECT setweight(to_tsvector('pg_catalog.french', searchable(coalesce(title, ''))), 'A')
        || setweight(to_tsvector('pg_catalog.french', searchable(coalesce(array_to_string(keywords, ' '), ''))), 'B')
        || setweight(to_tsvector('pg_catalog.french', searchable(concat_ws(' ', summary, place))), 'C')
        || setweight(to_tsvector('pg_catalog.french', searchable(coalesce(description, ''))), 'D')
$$;

CREATE FUNCTION local_instant(instant timestamptz, timezone text) RETURNS text IMMUTABLE STRICT PARALLEL SAFE LANGUAGE sql AS $$
    -- RFC 3339 with the offset of that zone on that day.
    SELECT to_char(instant AT TIME ZONE timezone, 'YYYY-MM-DD"T"HH24:MI:SS')
        || CASE WHEN (instant AT TIME ZONE timezone) < (instant AT TIME ZONE 'UTC') THEN '-' ELSE '+' END
        || to_char(greatest(
            (instant AT TIME ZONE timezone) - (instant AT TIME ZONE 'UTC'),
            (instant AT TIME ZONE 'UTC') - (instant AT TIME ZONE timezone)), 'HH24:MI')
$$;

CREATE TABLE events (
    id UUID NOT NULL,
    territory_id UUID NOT NULL,
    kind VARCHAR(40) NOT NULL,
    title TEXT NOT NULL,
    summary TEXT,
    description TEXT,
    starts_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ends_at TIMESTAMP WITH TIME ZONE NOT NULL,
    timezone TEXT NOT NULL,
    is_all_day BOOLEAN NOT NULL,
    insee_code TEXT,
    place_name TEXT,
    place_address TEXT,
    latitude DOUBLE PRECISION,
    longitude DOUBLE PRECISION,
    acceslibre_id TEXT,
    attendance_mode VARCHAR(40) NOT NULL,
    online_url TEXT,
    keywords TEXT[] NOT NULL,
    image_url TEXT,
    image_alt TEXT,
    image_credit TEXT,
    image_licence TEXT,
    image_rights_until DATE,
    accessibility TEXT[] NOT NULL,
    audience VARCHAR(40) NOT NULL,
    registration_mode VARCHAR(40) NOT NULL,
    registration_url TEXT,
    capacity INTEGER,
    has_waitlist BOOLEAN NOT NULL,
    status VARCHAR(40) NOT NULL,
    status_note TEXT,
    publication VARCHAR(40) NOT NULL,
    publish_at TIMESTAMP WITH TIME ZONE,
    published_at TIMESTAMP WITH TIME ZONE,
    withdrawn_at TIMESTAMP WITH TIME ZONE,
    submitted_at TIMESTAMP WITH TIME ZONE,
    sequence INTEGER NOT NULL,
    significant_at TIMESTAMP WITH TIME ZONE NOT NULL,
    is_demonstration BOOLEAN NOT NULL,
    search TSVECTOR GENERATED ALWAYS AS (event_search(title, summary, description, place_name, keywords)) STORED NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT events_pkey PRIMARY KEY (id),
    CONSTRAINT events_dates_check CHECK (starts_at < ends_at),
    CONSTRAINT events_duration_check CHECK (ends_at - starts_at <= interval '367 days'),
    CONSTRAINT events_timezone_check CHECK (timezone_is_known(timezone)),
    CONSTRAINT events_all_day_check CHECK (not is_all_day or ((starts_at at time zone timezone)::time = '00:00' and (ends_at at time zone timezone)::time = '00:00')),
    CONSTRAINT events_coordinates_check CHECK (latitude between -90 and 90 and longitude between -180 and 180),
    CONSTRAINT events_coordinates_together_check CHECK ((latitude is null) = (longitude is null)),
    CONSTRAINT events_online_url_check CHECK (attendance_mode = 'in_person' or online_url is not null or publication = 'draft'),
    CONSTRAINT events_image_check CHECK (num_nulls(image_url, image_alt, image_credit, image_licence) in (0, 4)),
    CONSTRAINT events_image_rights_check CHECK (image_rights_until is null or image_url is not null),
    CONSTRAINT events_online_url_form_check CHECK (online_url ~ '^https?://'),
    CONSTRAINT events_image_url_form_check CHECK (image_url ~ '^https?://'),
    CONSTRAINT events_registration_url_form_check CHECK (registration_url ~ '^https?://'),
    CONSTRAINT events_registration_url_check CHECK ((registration_mode = 'external') = (registration_url is not null)),
    CONSTRAINT events_capacity_check CHECK (capacity > 0),
    CONSTRAINT events_capacity_registration_check CHECK (capacity is null or registration_mode <> 'none'),
    CONSTRAINT events_waitlist_check CHECK (not has_waitlist or (registration_mode = 'internal' and capacity is not null)),
    CONSTRAINT events_status_note_check CHECK (status_note is null or (status <> 'scheduled' and status_note <> '')),
    CONSTRAINT events_published_at_check CHECK ((published_at is null) = (publication = 'draft')),
    CONSTRAINT events_withdrawn_at_check CHECK ((withdrawn_at is not null) = (publication = 'withdrawn')),
    CONSTRAINT events_territory_id_fkey FOREIGN KEY(territory_id) REFERENCES territories (id),
    CONSTRAINT events_event_kind_check CHECK (kind IN ('plenary', 'steering', 'working_group_session', 'report_back', 'company_visit', 'school_talk', 'teacher_training', 'leader_interview', 'mock_interview', 'internship_period', 'closing_ceremony', 'other')),
    CONSTRAINT events_insee_code_fkey FOREIGN KEY(insee_code) REFERENCES municipalities (insee_code),
    CONSTRAINT events_attendance_mode_check CHECK (attendance_mode IN ('in_person', 'online', 'mixed')),
    CONSTRAINT events_audience_check CHECK (audience IN ('public', 'partners', 'internal')),
    CONSTRAINT events_registration_mode_check CHECK (registration_mode IN ('none', 'external', 'internal')),
    CONSTRAINT events_event_status_check CHECK (status IN ('scheduled', 'cancelled', 'postponed', 'rescheduled', 'moved_online')),
    CONSTRAINT events_publication_check CHECK (publication IN ('draft', 'published', 'withdrawn'))
);

CREATE INDEX events_during_idx ON events USING gist (tstzrange(starts_at, ends_at)) WHERE publication = 'published' and audience = 'public';

CREATE INDEX events_during_municipality_idx ON events USING gist (insee_code, tstzrange(starts_at, ends_at)) WHERE publication = 'published' and audience = 'public';

CREATE INDEX events_insee_code_idx ON events (insee_code);

CREATE INDEX events_place_idx ON events USING gist (point(longitude, latitude)) WHERE publication = 'published' and audience = 'public';

CREATE INDEX events_accessibility_idx ON events USING gin (accessibility) WHERE publication = 'published' and audience = 'public';

CREATE INDEX events_public_changed_idx ON events (starts_at, id) WHERE publication = 'published' and audience = 'public' and status <> 'scheduled';

CREATE INDEX events_public_idx ON events (starts_at, id) WHERE publication = 'published' and audience = 'public';

CREATE INDEX events_public_kind_idx ON events (kind, starts_at, id) WHERE publication = 'published' and audience = 'public';

CREATE INDEX events_public_municipality_idx ON events (insee_code, starts_at, id) WHERE publication = 'published' and audience = 'public';

CREATE INDEX events_public_territory_idx ON events (territory_id, starts_at, id) WHERE publication = 'published' and audience = 'public';

CREATE INDEX events_publish_at_idx ON events (publish_at) WHERE publication = 'published' and publish_at is not null;

CREATE INDEX events_search_idx ON events USING gin (search);

CREATE INDEX events_territory_id_starts_at_id_idx ON events (territory_id, starts_at, id);

CREATE TABLE event_actors (
    event_id UUID NOT NULL,
    actor_id UUID NOT NULL,
    role VARCHAR(40) NOT NULL,
    position SMALLINT NOT NULL,
    CONSTRAINT event_actors_pkey PRIMARY KEY (event_id, actor_id, role),
    CONSTRAINT event_actors_event_id_fkey FOREIGN KEY(event_id) REFERENCES events (id) ON DELETE CASCADE,
    CONSTRAINT event_actors_actor_id_fkey FOREIGN KEY(actor_id) REFERENCES actors (id),
    CONSTRAINT event_actors_event_actor_role_check CHECK (role IN ('organiser', 'partner'))
);

CREATE INDEX event_actors_actor_id_role_event_id_idx ON event_actors (actor_id, role, event_id);

CREATE INDEX event_actors_shown_idx ON event_actors (event_id, role, position);

CREATE TABLE event_themes (
    event_id UUID NOT NULL,
    theme_id UUID NOT NULL,
    CONSTRAINT event_themes_pkey PRIMARY KEY (event_id, theme_id),
    CONSTRAINT event_themes_event_id_fkey FOREIGN KEY(event_id) REFERENCES events (id) ON DELETE CASCADE,
    CONSTRAINT event_themes_theme_id_fkey FOREIGN KEY(theme_id) REFERENCES themes (id)
);

CREATE INDEX event_themes_theme_id_idx ON event_themes (theme_id);

CREATE TABLE event_former_dates (
    event_id UUID NOT NULL,
    replaced_at TIMESTAMP WITH TIME ZONE NOT NULL,
    starts_at TIMESTAMP WITH TIME ZONE NOT NULL,
    ends_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT event_former_dates_pkey PRIMARY KEY (event_id, replaced_at),
    CONSTRAINT event_former_dates_event_id_fkey FOREIGN KEY(event_id) REFERENCES events (id) ON DELETE CASCADE
);

CREATE TABLE event_external_ids (
    event_id UUID NOT NULL,
    source TEXT NOT NULL,
    territory_id UUID NOT NULL,
    external_id TEXT NOT NULL,
    CONSTRAINT event_external_ids_pkey PRIMARY KEY (event_id, source),
    CONSTRAINT event_external_ids_territory_id_source_external_id_key UNIQUE (territory_id, source, external_id),
    CONSTRAINT event_external_ids_event_id_fkey FOREIGN KEY(event_id) REFERENCES events (id) ON DELETE CASCADE,
    CONSTRAINT event_external_ids_territory_id_fkey FOREIGN KEY(territory_id) REFERENCES territories (id)
);

CREATE TABLE event_tombstones (
    event_id UUID NOT NULL,
    territory_id UUID NOT NULL,
    removed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT event_tombstones_pkey PRIMARY KEY (event_id),
    CONSTRAINT event_tombstones_territory_id_fkey FOREIGN KEY(territory_id) REFERENCES territories (id)
);

CREATE INDEX event_tombstones_territory_id_removed_at_idx ON event_tombstones (territory_id, removed_at);
"""


def upgrade() -> None:
    ddl.run(SCHEMA)


def downgrade() -> None:
    ddl.run("""
DROP TABLE event_tombstones, event_external_ids, event_former_dates, event_themes, event_actors, events;

DROP FUNCTION event_search, local_instant;
""")
