"""Channels, and what was published in them."""

from app.core import ddl

revision = "communication"
down_revision = "partnerships"
branch_labels = None
depends_on = None


def upgrade() -> None:
    ddl.run("""
CREATE TABLE channels (
    id UUID NOT NULL,
    territory_id UUID NOT NULL,
    kind VARCHAR(40) NOT NULL,
    name TEXT NOT NULL,
    sort_name TEXT GENERATED ALWAYS AS (searchable(name)) STORED NOT NULL,
    owner_id UUID,
    url TEXT,
    is_demonstration BOOLEAN NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT channels_pkey PRIMARY KEY (id),
    CONSTRAINT channels_territory_id_name_key UNIQUE (territory_id, name),
    CONSTRAINT channels_url_check CHECK (url ~ '^https?://'),
    CONSTRAINT channels_territory_id_fkey FOREIGN KEY(territory_id) REFERENCES territories (id),
    CONSTRAINT channels_channel_kind_check CHECK (kind IN ('website', 'social', 'municipal_bulletin', 'online_newspaper')),
    CONSTRAINT channels_owner_id_fkey FOREIGN KEY(owner_id) REFERENCES actors (id)
);

CREATE INDEX channels_owner_id_idx ON channels (owner_id);

CREATE INDEX channels_territory_id_sort_name_id_idx ON channels (territory_id, sort_name, id);

CREATE TABLE publications (
    id UUID NOT NULL,
    territory_id UUID NOT NULL,
    channel_id UUID NOT NULL,
    event_id UUID,
    action_id UUID,
    title TEXT NOT NULL,
    url TEXT,
    published_on DATE NOT NULL,
    reach INTEGER,
    is_demonstration BOOLEAN NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT publications_pkey PRIMARY KEY (id),
    CONSTRAINT publications_url_check CHECK (url ~ '^https?://'),
    CONSTRAINT publications_reach_check CHECK (reach >= 0),
    CONSTRAINT publications_territory_id_fkey FOREIGN KEY(territory_id) REFERENCES territories (id),
    CONSTRAINT publications_channel_id_fkey FOREIGN KEY(channel_id) REFERENCES channels (id),
    CONSTRAINT publications_event_id_fkey FOREIGN KEY(event_id) REFERENCES events (id),
    CONSTRAINT publications_action_id_fkey FOREIGN KEY(action_id) REFERENCES actions (id)
);

CREATE INDEX publications_action_id_idx ON publications (action_id);

CREATE INDEX publications_channel_id_published_on_id_idx ON publications (channel_id, published_on, id);

CREATE INDEX publications_event_id_idx ON publications (event_id);

CREATE INDEX publications_territory_id_published_on_id_idx ON publications (territory_id, published_on, id);
""")


def downgrade() -> None:
    ddl.run("DROP TABLE publications, channels")
