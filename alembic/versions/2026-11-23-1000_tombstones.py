"""One table for what is left of every kind of row that was public."""

from app.core import ddl

revision = "tombstones"
down_revision = "people"
branch_labels = None
depends_on = None


def upgrade() -> None:
    ddl.run("""
CREATE TABLE tombstones (
    resource_id UUID NOT NULL,
    resource TEXT NOT NULL,
    territory_id UUID NOT NULL,
    removed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT tombstones_pkey PRIMARY KEY (resource_id),
    CONSTRAINT tombstones_territory_id_fkey FOREIGN KEY(territory_id) REFERENCES territories (id)
);

CREATE INDEX tombstones_territory_id_removed_at_idx ON tombstones (territory_id, removed_at);

INSERT INTO tombstones SELECT event_id, 'events', territory_id, removed_at FROM event_tombstones;

DROP TABLE event_tombstones;
""")


def downgrade() -> None:
    ddl.run("""
CREATE TABLE event_tombstones (
    event_id UUID NOT NULL,
    territory_id UUID NOT NULL,
    removed_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT event_tombstones_pkey PRIMARY KEY (event_id),
    CONSTRAINT event_tombstones_territory_id_fkey FOREIGN KEY(territory_id) REFERENCES territories (id)
);

CREATE INDEX event_tombstones_territory_id_removed_at_idx ON event_tombstones (territory_id, removed_at);

INSERT INTO event_tombstones SELECT resource_id, territory_id, removed_at FROM tombstones WHERE resource = 'events';

DROP TABLE tombstones;
""")
