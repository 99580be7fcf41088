"""Participations: who took part in a session of Q2ER, and what they thought of it."""

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, ForeignKeyConstraint, Index, SmallInteger, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from app.core.database_errors import describe_constraint
from app.core.db import Base, Resource, choice
from app.events.registrations.models import Attendance
from app.q2er.pupils.models import personal

OPINION = personal("to better the sessions", "the collectivité and who gave it; of pupils, as an average of 5 or more")


class Participation(Resource, Base):
    """An actor, a teacher (person), a class or a pupil in a session: an event with a sequence.

    `school_id` is the school of a class or pupil. `of_class_id`: the class a pupil was in then, which they are counted
    in for good. `pupils_present`: how many of a class came, where its pupils are not noted one by one. Of a pupil, no
    words are kept (`law.md`).
    """

    __tablename__ = "participations"
    __resource__ = "q2er/participations"
    __table_args__ = (
        ForeignKeyConstraint(["event_id", "sequence_id"], ["events.id", "events.sequence_id"], onupdate="CASCADE"),
        CheckConstraint("num_nonnulls(actor_id, person_id, class_id, pupil_id) = 1", name="one_participant"),
        CheckConstraint("(num_nonnulls(class_id, pupil_id) = 1) = (school_id is not null)", name="school"),
        CheckConstraint("of_class_id is null or pupil_id is not null", name="of_class"),
        CheckConstraint("pupils_present is null or class_id is not null", name="pupils_present_of_class"),
        CheckConstraint("pupils_present between 0 and 100", name="pupils_present"),
        CheckConstraint("feedback_score between 1 and 5", name="feedback_score"),
        CheckConstraint("feedback_words is null or pupil_id is null", name="feedback_words"),
        UniqueConstraint("event_id", "actor_id"),
        UniqueConstraint("event_id", "person_id"),
        UniqueConstraint("event_id", "class_id"),
        UniqueConstraint("event_id", "pupil_id"),
        Index("participations_territory_id_id_idx", "territory_id", "id"),
        Index("participations_school_id_id_idx", "school_id", "id"),
        Index("participations_actor_id_id_idx", "actor_id", "id"),
        Index("participations_person_id_id_idx", "person_id", "id"),
        Index("participations_pupil_id_event_id_idx", "pupil_id", "event_id"),
        Index("participations_sequence_id_attendance_idx", "sequence_id", "attendance"),
    )

    territory_id: Mapped[UUID] = mapped_column(ForeignKey("territories.id"))
    event_id: Mapped[UUID]
    sequence_id: Mapped[UUID]
    actor_id: Mapped[UUID | None] = mapped_column(ForeignKey("actors.id"))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    class_id: Mapped[UUID | None] = mapped_column(ForeignKey("classes.id"), index=True)
    pupil_id: Mapped[UUID | None] = mapped_column(ForeignKey("pupils.id"))
    school_id: Mapped[UUID | None] = mapped_column(ForeignKey("actors.id"))
    of_class_id: Mapped[UUID | None] = mapped_column(ForeignKey("classes.id"), index=True)
    attendance: Mapped[Attendance] = mapped_column(choice(Attendance), default=Attendance.UNKNOWN)
    pupils_present: Mapped[int | None]
    feedback_score: Mapped[int | None] = mapped_column(SmallInteger, info=OPINION)
    feedback_words: Mapped[str | None] = mapped_column(info=OPINION)
    is_demonstration: Mapped[bool] = mapped_column(default=False)


for name, pointer, code in (
    ("participations_event_id_actor_id_key", "#/actor_id", "takes_part_already"),
    ("participations_event_id_person_id_key", "#/person_id", "takes_part_already"),
    ("participations_event_id_class_id_key", "#/class_id", "takes_part_already"),
    ("participations_event_id_pupil_id_key", "#/pupil_id", "takes_part_already"),
    ("participations_one_participant_check", "#", "one_participant"),
    ("participations_feedback_words_check", "#/feedback_words", "no_words_of_pupils"),
    ("participations_pupils_present_of_class_check", "#/pupils_present", "of_class_only"),
):
    describe_constraint(name, pointer, code)
