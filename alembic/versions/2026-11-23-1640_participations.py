"""Participations in the sessions of Q2ER; pupils say of which school year their class is."""

from app.core import ddl

revision = "participations"
down_revision = "editions"
branch_labels = None
depends_on = None

SCHEMA = r"""
ALTER TABLE pupils ADD COLUMN school_year TEXT;

UPDATE pupils SET school_year = extract(year from updated_at - interval '8 months')::int || '-' || extract(year from updated_at - interval '8 months')::int + 1;

ALTER TABLE pupils ALTER COLUMN school_year SET NOT NULL,
    ADD CONSTRAINT pupils_school_year_check CHECK (school_year_days(school_year) is not null);

ALTER TABLE events ADD CONSTRAINT events_id_sequence_id_key UNIQUE (id, sequence_id);

CREATE TABLE participations (
    id UUID NOT NULL,
    territory_id UUID NOT NULL,
    event_id UUID NOT NULL,
    sequence_id UUID NOT NULL,
    actor_id UUID,
    person_id UUID,
    class_id UUID,
    pupil_id UUID,
    school_id UUID,
    of_class_id UUID,
    attendance VARCHAR(40) NOT NULL,
    pupils_present INTEGER,
    feedback_score SMALLINT,
    feedback_words TEXT,
    is_demonstration BOOLEAN NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT participations_pkey PRIMARY KEY (id),
    CONSTRAINT participations_event_id_actor_id_key UNIQUE (event_id, actor_id),
    CONSTRAINT participations_event_id_person_id_key UNIQUE (event_id, person_id),
    CONSTRAINT participations_event_id_class_id_key UNIQUE (event_id, class_id),
    CONSTRAINT participations_event_id_pupil_id_key UNIQUE (event_id, pupil_id),
    CONSTRAINT participations_one_participant_check CHECK (num_nonnulls(actor_id, person_id, class_id, pupil_id) = 1),
    CONSTRAINT participations_school_check CHECK ((num_nonnulls(class_id, pupil_id) = 1) = (school_id is not null)),
    CONSTRAINT participations_of_class_check CHECK (of_class_id is null or pupil_id is not null),
    CONSTRAINT participations_pupils_present_of_class_check CHECK (pupils_present is null or class_id is not null),
    CONSTRAINT participations_pupils_present_check CHECK (pupils_present between 0 and 100),
    CONSTRAINT participations_feedback_score_check CHECK (feedback_score between 1 and 5),
    CONSTRAINT participations_feedback_words_check CHECK (feedback_words is null or pupil_id is null),
    CONSTRAINT participations_attendance_check CHECK (attendance IN ('unknown', 'attended', 'excused', 'absent')),
    CONSTRAINT participations_territory_id_fkey FOREIGN KEY(territory_id) REFERENCES territories (id),
    CONSTRAINT participations_event_id_sequence_id_fkey FOREIGN KEY(event_id, sequence_id) REFERENCES events (id, sequence_id) ON UPDATE CASCADE,
    CONSTRAINT participations_actor_id_fkey FOREIGN KEY(actor_id) REFERENCES actors (id),
    CONSTRAINT participations_person_id_fkey FOREIGN KEY(person_id) REFERENCES people (id),
    CONSTRAINT participations_class_id_fkey FOREIGN KEY(class_id) REFERENCES classes (id),
    CONSTRAINT participations_pupil_id_fkey FOREIGN KEY(pupil_id) REFERENCES pupils (id),
    CONSTRAINT participations_school_id_fkey FOREIGN KEY(school_id) REFERENCES actors (id),
    CONSTRAINT participations_of_class_id_fkey FOREIGN KEY(of_class_id) REFERENCES classes (id)
);

CREATE INDEX participations_territory_id_id_idx ON participations (territory_id, id);

CREATE INDEX participations_school_id_id_idx ON participations (school_id, id);

CREATE INDEX participations_actor_id_id_idx ON participations (actor_id, id);

CREATE INDEX participations_person_id_id_idx ON participations (person_id, id);

CREATE INDEX participations_class_id_idx ON participations (class_id);

CREATE INDEX participations_of_class_id_idx ON participations (of_class_id);

CREATE INDEX participations_pupil_id_event_id_idx ON participations (pupil_id, event_id);

CREATE INDEX participations_sequence_id_attendance_idx ON participations (sequence_id, attendance);
"""


def upgrade() -> None:
    ddl.run(SCHEMA)


def downgrade() -> None:
    ddl.run("""
DROP TABLE participations;

ALTER TABLE events DROP CONSTRAINT events_id_sequence_id_key;

ALTER TABLE pupils DROP COLUMN school_year;
""")
