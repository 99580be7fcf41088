"""States of a resource as a table of moves: from where each verb leads where."""

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated, TypeVar

from pydantic import Field

from app.core.errors import IllegalTransition
from app.core.fields import Line
from app.core.schemas import Body

V = TypeVar("V", bound=StrEnum)
S = TypeVar("S", bound=StrEnum)
Moves = Mapping[V, Mapping[S, S]]


class Because(Body):
    """Why it goes there."""

    reason: Annotated[Line, Field(description="kept in the journal; name no one", examples=["Clôturée trop tôt"])]


def verbs_from(moves: Moves[V, S], state: S) -> list[V]:
    """The verbs that lead somewhere from this state."""
    return [verb for verb, ways in moves.items() if state in ways]


def led_by(moves: Moves[V, S], verb: V, state: S, *, what: str) -> S:
    """The state a verb leads to. Raises `IllegalTransition`, whose reason is `<what>_<state>` of `locales/`."""
    ways = moves[verb]
    if state not in ways:
        raise IllegalTransition(state, next(iter(ways.values())), f"{what}_{state}")
    return ways[state]
