"""Working groups: the pair and the facilitator who lead them, and the people who take part."""

from collections.abc import Sequence
from datetime import date
from enum import StrEnum
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    Computed,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    UniqueConstraint,
    column,
    func,
)
from sqlalchemy.dialects.postgresql import ExcludeConstraint
from sqlalchemy.orm import Mapped, mapped_column, query_expression, relationship

from app.actors.models import Actor, ActorKind
from app.actors.people.models import PERSONAL, Person
from app.core.database_errors import describe_constraint
from app.core.db import Base, Resource, choice
from app.core.publication import Publishable, publication_checks
from app.territories.models import Theme

PERIOD = func.daterange(column("valid_from"), column("valid_until"))


class GroupState(StrEnum):
    """How far a group is."""

    FORMING = "forming"
    ACTIVE = "active"
    CONCLUDED = "concluded"


class LeadRole(StrEnum):
    """Who leads a group: the pair, which is an association and a company, and the facilitator outside both."""

    ASSOCIATION = "association"
    COMPANY = "company"
    FACILITATOR = "facilitator"


class GroupLead(Base):
    """An actor that leads a group, for a period (`valid_until` is excluded), through a person if one is named.

    On one day a role is held once, and an actor holds one role: so the pair is two actors, and the facilitator's is
    neither. The copy of the actor's kind lets the database hold an association and a company to what they are.
    """

    __tablename__ = "working_group_leads"
    __table_args__ = (
        ForeignKeyConstraint(["actor_id", "actor_kind"], ["actors.id", "actors.kind"], onupdate="CASCADE"),
        CheckConstraint("role = 'facilitator' or actor_kind = role", name="kind"),
        CheckConstraint("role <> 'facilitator' or person_id is not null", name="facilitator"),
        CheckConstraint("valid_from < valid_until", name="validity"),
        ExcludeConstraint(
            (column("working_group_id"), "="),
            (column("role"), "="),
            (PERIOD, "&&"),
            name="working_group_leads_role_excl",
            deferrable=True,
            initially="DEFERRED",
        ),
        ExcludeConstraint(
            (column("working_group_id"), "="),
            (column("actor_id"), "="),
            (PERIOD, "&&"),
            name="working_group_leads_actor_excl",
            deferrable=True,
            initially="DEFERRED",
        ),
        Index("working_group_leads_actor_id_working_group_id_idx", "actor_id", "working_group_id"),
        Index("working_group_leads_person_id_idx", "person_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    working_group_id: Mapped[UUID] = mapped_column(ForeignKey("working_groups.id", ondelete="CASCADE"))
    role: Mapped[LeadRole] = mapped_column(choice(LeadRole))
    actor_id: Mapped[UUID]
    actor_kind: Mapped[ActorKind] = mapped_column(choice(ActorKind))
    person_id: Mapped[UUID | None] = mapped_column(ForeignKey("people.id"))
    valid_from: Mapped[date | None]
    valid_until: Mapped[date | None]

    actor: Mapped[Actor] = relationship(lazy="raise")
    person: Mapped[Person | None] = relationship(lazy="raise")


class GroupMember(Resource, Base):
    """A person who takes part in a group on behalf of an actor, for a period (`valid_until` is excluded)."""

    __tablename__ = "working_group_members"
    __resource__ = "working-group-members"
    __table_args__ = (
        CheckConstraint("valid_from < valid_until", name="validity"),
        ExcludeConstraint(
            (column("working_group_id"), "="),
            (column("person_id"), "="),
            (PERIOD, "&&"),
            name="working_group_members_overlap_excl",
        ),
        Index("working_group_members_working_group_id_valid_from_id_idx", "working_group_id", "valid_from", "id"),
        Index("working_group_members_actor_id_working_group_id_idx", "actor_id", "working_group_id"),
        Index("working_group_members_person_id_idx", "person_id"),
    )

    territory_id: Mapped[UUID] = mapped_column(ForeignKey("territories.id"))
    working_group_id: Mapped[UUID] = mapped_column(ForeignKey("working_groups.id"))
    person_id: Mapped[UUID] = mapped_column(ForeignKey("people.id"))
    actor_id: Mapped[UUID] = mapped_column(ForeignKey("actors.id"))
    role: Mapped[str | None] = mapped_column(info=PERSONAL)
    valid_from: Mapped[date]
    valid_until: Mapped[date | None]

    person: Mapped[Person | None] = relationship(lazy="raise")
    actor: Mapped[Actor] = relationship(lazy="raise")


class WorkingGroup(Publishable, Resource, Base):
    """A group that explores one theme of a programme and proposes actions.

    While it is active it has a pair and a facilitator: the database holds it to that (triggers of the migration).
    """

    __tablename__ = "working_groups"
    __resource__ = "working-groups"
    __table_args__ = (
        UniqueConstraint("programme_id", "name"),
        CheckConstraint("state = 'concluded' or (started_on is not null) = (state = 'active')", name="started_on"),
        CheckConstraint("(concluded_on is not null) = (state = 'concluded')", name="concluded_on"),
        CheckConstraint("started_on <= concluded_on", name="dates"),
        CheckConstraint("state_reason is null or state = 'concluded'", name="state_reason"),
        *publication_checks(),
        Index("working_groups_territory_id_sort_name_id_idx", "territory_id", "sort_name", "id"),
    )

    territory_id: Mapped[UUID] = mapped_column(ForeignKey("territories.id"))
    programme_id: Mapped[UUID] = mapped_column(ForeignKey("programmes.id"))
    theme_id: Mapped[UUID] = mapped_column(ForeignKey("themes.id"), index=True)
    name: Mapped[str]
    sort_name: Mapped[str] = mapped_column(Computed("searchable(name)", persisted=True))
    purpose: Mapped[str | None]
    state: Mapped[GroupState] = mapped_column(choice(GroupState), default=GroupState.FORMING)
    state_reason: Mapped[str | None]
    started_on: Mapped[date | None]
    concluded_on: Mapped[date | None]
    is_demonstration: Mapped[bool] = mapped_column(default=False)

    member_count: Mapped[int | None] = query_expression()
    """People who are members today: filled in by `policy.in_full`."""
    today: Mapped[date | None] = query_expression()
    """The day it is in its territory: filled in by `policy.in_full`."""
    if TYPE_CHECKING:
        missing: Sequence[LeadRole]
        """The roles no one holds today. The policy puts it here to be answered."""

    theme: Mapped[Theme] = relationship(lazy="raise")
    leads: Mapped[list[GroupLead]] = relationship(
        lazy="raise", cascade="all, delete-orphan", order_by=(GroupLead.role, GroupLead.valid_from.nulls_first())
    )


for name, pointer, code in (
    ("working_groups_programme_id_name_key", "#/name", "already_exists"),
    ("working_groups_dates_check", "#/concluded_on", "dates_reversed"),
    ("working_groups_standing", "#/leads", "pair_and_facilitator_needed"),
    ("working_group_leads_kind_check", "#/kind", "leads_a_group"),
    ("working_group_leads_role_excl", "#/leads", "one_lead_a_role"),
    ("working_group_leads_actor_excl", "#/leads", "one_role_a_lead"),
    ("working_group_members_validity_check", "#/valid_until", "dates_reversed"),
    ("working_group_members_overlap_excl", "#/valid_from", "overlapping_periods"),
):
    describe_constraint(name, pointer, code)
