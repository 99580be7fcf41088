"""Registrations, attendance and minutes; seats are counted, and closed meetings kept, by the database itself."""

from app.core import ddl

revision = "registrations"
down_revision = "kept_answers"
branch_labels = None
depends_on = None

SCHEMA = r"""
ALTER TABLE events ADD COLUMN seats_taken INTEGER DEFAULT 0 NOT NULL;

ALTER TABLE events ADD CONSTRAINT events_seats_taken_check CHECK (seats_taken >= 0);

ALTER TABLE events ADD CONSTRAINT events_seats_check CHECK (registration_mode <> 'internal' or seats_taken <= capacity);

CREATE TABLE registrations (
    id UUID NOT NULL,
    territory_id UUID NOT NULL,
    event_id UUID NOT NULL,
    person_id UUID,
    actor_id UUID,
    status VARCHAR(40) NOT NULL,
    waitlist_place INTEGER,
    is_walk_in BOOLEAN NOT NULL,
    noted_attendance VARCHAR(40) NOT NULL,
    attendance_noted_at TIMESTAMP WITH TIME ZONE,
    corrected_attendance VARCHAR(40),
    attendance VARCHAR(40) GENERATED ALWAYS AS (coalesce(corrected_attendance, noted_attendance)) STORED NOT NULL,
    is_demonstration BOOLEAN NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT registrations_pkey PRIMARY KEY (id),
    CONSTRAINT registrations_someone_check CHECK (num_nonnulls(person_id, actor_id) > 0),
    CONSTRAINT registrations_waitlist_place_check CHECK ((status = 'waitlisted') = (waitlist_place is not null)),
    CONSTRAINT registrations_attendance_noted_at_check CHECK ((noted_attendance = 'unknown') = (attendance_noted_at is null)),
    CONSTRAINT registrations_cancelled_check CHECK (status <> 'cancelled' or noted_attendance = 'unknown'),
    CONSTRAINT registrations_walk_in_check CHECK (not is_walk_in or status = 'registered'),
    CONSTRAINT registrations_registration_status_check CHECK (status IN ('invited', 'registered', 'waitlisted', 'declined', 'cancelled')),
    CONSTRAINT registrations_noted_attendance_check CHECK (noted_attendance IN ('unknown', 'attended', 'excused', 'absent')),
    CONSTRAINT registrations_corrected_attendance_check CHECK (corrected_attendance IN ('unknown', 'attended', 'excused', 'absent')),
    CONSTRAINT registrations_territory_id_fkey FOREIGN KEY(territory_id) REFERENCES territories (id),
    CONSTRAINT registrations_event_id_fkey FOREIGN KEY(event_id) REFERENCES events (id),
    CONSTRAINT registrations_person_id_fkey FOREIGN KEY(person_id) REFERENCES people (id),
    CONSTRAINT registrations_actor_id_fkey FOREIGN KEY(actor_id) REFERENCES actors (id)
);

CREATE UNIQUE INDEX registrations_event_id_person_id_key ON registrations (event_id, person_id) WHERE status <> 'cancelled';

CREATE UNIQUE INDEX registrations_event_id_actor_id_key ON registrations (event_id, actor_id) WHERE person_id is null and status <> 'cancelled';

CREATE UNIQUE INDEX registrations_waitlist_key ON registrations (event_id, waitlist_place) WHERE status = 'waitlisted';

CREATE INDEX registrations_territory_id_id_idx ON registrations (territory_id, id);

CREATE INDEX registrations_territory_id_status_id_idx ON registrations (territory_id, status, id);

CREATE INDEX registrations_event_id_id_idx ON registrations (event_id, id);

CREATE INDEX registrations_actor_id_id_idx ON registrations (actor_id, id);

CREATE INDEX registrations_person_id_id_idx ON registrations (person_id, id);

CREATE TABLE registration_external_ids (
    registration_id UUID NOT NULL,
    source TEXT NOT NULL,
    territory_id UUID NOT NULL,
    external_id TEXT NOT NULL,
    CONSTRAINT registration_external_ids_pkey PRIMARY KEY (registration_id, source),
    CONSTRAINT registration_external_ids_territory_id_source_external_id_key UNIQUE (territory_id, source, external_id),
    CONSTRAINT registration_external_ids_registration_id_fkey FOREIGN KEY(registration_id) REFERENCES registrations (id) ON DELETE CASCADE,
    CONSTRAINT registration_external_ids_territory_id_fkey FOREIGN KEY(territory_id) REFERENCES territories (id)
);

CREATE TABLE minutes (
    id UUID NOT NULL,
    territory_id UUID NOT NULL,
    event_id UUID NOT NULL,
    agenda TEXT,
    text TEXT,
    closed_at TIMESTAMP WITH TIME ZONE,
    closed_by TEXT,
    is_demonstration BOOLEAN NOT NULL,
    created_at TIMESTAMP WITH TIME ZONE NOT NULL,
    updated_at TIMESTAMP WITH TIME ZONE NOT NULL,
    version INTEGER NOT NULL,
    CONSTRAINT minutes_pkey PRIMARY KEY (id),
    CONSTRAINT minutes_event_id_key UNIQUE (event_id),
    CONSTRAINT minutes_closed_by_check CHECK ((closed_at is null) = (closed_by is null)),
    CONSTRAINT minutes_text_check CHECK (closed_at is null or text is not null),
    CONSTRAINT minutes_territory_id_fkey FOREIGN KEY(territory_id) REFERENCES territories (id),
    CONSTRAINT minutes_event_id_fkey FOREIGN KEY(event_id) REFERENCES events (id)
);

CREATE INDEX minutes_territory_id_id_idx ON minutes (territory_id, id);

CREATE TABLE minutes_amendments (
    id UUID NOT NULL,
    minutes_id UUID NOT NULL,
    number INTEGER NOT NULL,
    text TEXT NOT NULL,
    author TEXT NOT NULL,
    made_at TIMESTAMP WITH TIME ZONE NOT NULL,
    CONSTRAINT minutes_amendments_pkey PRIMARY KEY (id),
    CONSTRAINT minutes_amendments_minutes_id_number_key UNIQUE (minutes_id, number),
    CONSTRAINT minutes_amendments_minutes_id_fkey FOREIGN KEY(minutes_id) REFERENCES minutes (id)
);

CREATE TABLE attendance_corrections (
    amendment_id UUID NOT NULL,
    registration_id UUID NOT NULL,
    attendance_before VARCHAR(40) NOT NULL,
    attendance VARCHAR(40) NOT NULL,
    CONSTRAINT attendance_corrections_pkey PRIMARY KEY (amendment_id, registration_id),
    CONSTRAINT attendance_corrections_attendance_before_check CHECK (attendance_before IN ('unknown', 'attended', 'excused', 'absent')),
    CONSTRAINT attendance_corrections_attendance_check CHECK (attendance IN ('unknown', 'attended', 'excused', 'absent')),
    CONSTRAINT attendance_corrections_amendment_id_fkey FOREIGN KEY(amendment_id) REFERENCES minutes_amendments (id),
    CONSTRAINT attendance_corrections_registration_id_fkey FOREIGN KEY(registration_id) REFERENCES registrations (id) DEFERRABLE INITIALLY DEFERRED
);

CREATE INDEX attendance_corrections_registration_id_idx ON attendance_corrections (registration_id);

-- Seats: a registered row that is no walk-in takes one. Counted once a statement, whoever writes the rows.
CREATE FUNCTION takes_seat(status text, is_walk_in boolean) RETURNS boolean IMMUTABLE PARALLEL SAFE LANGUAGE sql
RETURN status = 'registered' AND NOT is_walk_in;

CREATE FUNCTION registrations_added() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE events e SET seats_taken = e.seats_taken + c.seats
    FROM (SELECT event_id, count(*) AS seats FROM added WHERE takes_seat(status, is_walk_in) GROUP BY event_id) c
    WHERE e.id = c.event_id;
    RETURN NULL;
END
$$;

CREATE FUNCTION registrations_removed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE events e SET seats_taken = e.seats_taken - c.seats
    FROM (SELECT event_id, count(*) AS seats FROM removed WHERE takes_seat(status, is_walk_in) GROUP BY event_id) c
    WHERE e.id = c.event_id;
    RETURN NULL;
END
$$;

CREATE FUNCTION registrations_changed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    UPDATE events e SET seats_taken = e.seats_taken + c.seats
    FROM (
        SELECT event_id, sum(seats) AS seats FROM (
            SELECT event_id, 1 AS seats FROM added WHERE takes_seat(status, is_walk_in)
            UNION ALL SELECT event_id, -1 FROM removed WHERE takes_seat(status, is_walk_in)
        ) moved GROUP BY event_id HAVING sum(seats) <> 0
    ) c
    WHERE e.id = c.event_id;
    RETURN NULL;
END
$$;

CREATE TRIGGER registrations_added AFTER INSERT ON registrations
    REFERENCING NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION registrations_added();

CREATE TRIGGER registrations_removed AFTER DELETE ON registrations
    REFERENCING OLD TABLE AS removed FOR EACH STATEMENT EXECUTE FUNCTION registrations_removed();

CREATE TRIGGER registrations_changed AFTER UPDATE ON registrations
    REFERENCING OLD TABLE AS removed NEW TABLE AS added FOR EACH STATEMENT EXECUTE FUNCTION registrations_changed();

CREATE FUNCTION refuse(broken text) RETURNS void LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'violates %', broken USING ERRCODE = 'check_violation', CONSTRAINT = broken;
END
$$;

CREATE FUNCTION events_seats_are_counted() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    PERFORM refuse('events_seats_are_counted');
END
$$;

CREATE TRIGGER events_seats_are_counted BEFORE UPDATE OF seats_taken ON events
    FOR EACH ROW WHEN (pg_trigger_depth() = 0 AND NEW.seats_taken <> OLD.seats_taken)
    EXECUTE FUNCTION events_seats_are_counted();

CREATE TRIGGER events_begin_empty BEFORE INSERT ON events
    FOR EACH ROW WHEN (NEW.seats_taken <> 0) EXECUTE FUNCTION events_seats_are_counted();

-- Attendance is noted once the event has begun, and the event is then not put off to a later instant.
CREATE FUNCTION events_stay_begun() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF EXISTS (SELECT FROM registrations WHERE event_id = NEW.id AND attendance_noted_at < NEW.starts_at)
        OR EXISTS (SELECT FROM minutes WHERE event_id = NEW.id AND closed_at < NEW.starts_at)
    THEN
        PERFORM refuse('events_begun_check');
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER events_stay_begun BEFORE UPDATE OF starts_at ON events
    FOR EACH ROW WHEN (NEW.starts_at > OLD.starts_at) EXECUTE FUNCTION events_stay_begun();

-- A closed meeting stands: only a correction that an amendment records is put beside what was noted.
CREATE FUNCTION registrations_stand() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    beside CONSTANT text[] := '{corrected_attendance,attendance,updated_at,version}';
    begins timestamptz;
    is_closed boolean;
BEGIN
    SELECT e.starts_at, m.closed_at IS NOT NULL INTO begins, is_closed
    FROM events e LEFT JOIN minutes m ON m.event_id = e.id
    WHERE e.id = CASE TG_OP WHEN 'DELETE' THEN OLD.event_id ELSE NEW.event_id END;
    IF is_closed THEN
        IF TG_OP = 'DELETE' THEN
            PERFORM refuse('registrations_closed_check');
        ELSIF TG_OP = 'UPDATE' THEN
            IF to_jsonb(NEW) - beside <> to_jsonb(OLD) - beside THEN
                PERFORM refuse('registrations_closed_check');
            END IF;
        ELSIF NOT NEW.is_walk_in OR NEW.noted_attendance <> 'unknown' OR NEW.corrected_attendance IS NULL THEN
            PERFORM refuse('registrations_closed_check');
        END IF;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    IF NEW.attendance_noted_at < begins THEN
        PERFORM refuse('registrations_begun_check');
    END IF;
    IF (is_closed OR NEW.corrected_attendance IS NOT NULL) AND NEW.corrected_attendance IS DISTINCT FROM (
        SELECT c.attendance FROM attendance_corrections c JOIN minutes_amendments a ON a.id = c.amendment_id
        WHERE c.registration_id = NEW.id ORDER BY a.number DESC LIMIT 1)
    THEN
        PERFORM refuse('registrations_closed_check');
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER registrations_stand BEFORE INSERT OR UPDATE OR DELETE ON registrations
    FOR EACH ROW EXECUTE FUNCTION registrations_stand();

CREATE FUNCTION minutes_stand() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
    beside CONSTANT text[] := '{updated_at,version}';
BEGIN
    IF TG_OP <> 'INSERT' AND OLD.closed_at IS NOT NULL THEN
        IF TG_OP = 'DELETE' OR to_jsonb(NEW) - beside <> to_jsonb(OLD) - beside THEN
            PERFORM refuse('minutes_closed_check');
        END IF;
    END IF;
    IF TG_OP = 'DELETE' THEN
        RETURN OLD;
    END IF;
    IF NEW.closed_at < (SELECT starts_at FROM events WHERE id = NEW.event_id) THEN
        PERFORM refuse('minutes_begun_check');
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER minutes_stand BEFORE INSERT OR UPDATE OR DELETE ON minutes
    FOR EACH ROW EXECUTE FUNCTION minutes_stand();

CREATE FUNCTION amendments_follow_closing() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NOT EXISTS (SELECT FROM minutes WHERE id = NEW.minutes_id AND closed_at IS NOT NULL) THEN
        PERFORM refuse('minutes_amendments_closed_check');
    END IF;
    RETURN NEW;
END
$$;

CREATE TRIGGER amendments_follow_closing BEFORE INSERT ON minutes_amendments
    FOR EACH ROW EXECUTE FUNCTION amendments_follow_closing();
"""


def upgrade() -> None:
    ddl.run(SCHEMA)
    ddl.append_only("minutes_amendments")
    ddl.append_only("attendance_corrections")


def downgrade() -> None:
    ddl.run("""
DROP TABLE attendance_corrections, minutes_amendments, minutes, registration_external_ids, registrations;

DROP TRIGGER events_stay_begun ON events;

DROP TRIGGER events_seats_are_counted ON events;

DROP TRIGGER events_begin_empty ON events;

ALTER TABLE events DROP COLUMN seats_taken;

DROP FUNCTION registrations_added, registrations_removed, registrations_changed, registrations_stand, minutes_stand,
    amendments_follow_closing, events_stay_begun, events_seats_are_counted, refuse, takes_seat;
""")
