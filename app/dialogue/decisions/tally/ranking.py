"""What every method shares: options, ballots alike counted together, and ranks with ties."""

from collections.abc import Iterable, Mapping
from enum import StrEnum
from typing import Any, TypeVar

T = TypeVar("T")

Option = str
"""An option, by its identifier."""

Counted = Iterable[tuple[T, int]]
"""Ballots that say the same, and how many do; in any order, in as many parts as one likes."""


class Obstacle(StrEnum):
    """Why a vote adopts nothing."""

    QUORUM_NOT_MET = "quorum_not_met"
    NO_VOTE_EXPRESSED = "no_vote_expressed"
    OBJECTION_STANDS = "objection_stands"
    TIE = "tie"
    BELOW_THRESHOLD = "below_threshold"
    NOT_SUPPORTED = "not_supported"
    STATUS_QUO_FIRST = "status_quo_first"


def ranks_by(scores: Mapping[Option, Any]) -> dict[Option, int]:
    """The rank of each option, the highest score first; equal scores share a rank."""
    ranks: dict[Option, int] = {}
    ordered = sorted(scores, key=lambda option: scores[option], reverse=True)
    for place, (before, option) in enumerate(zip([None, *ordered], ordered, strict=False), 1):
        ranks[option] = ranks[before] if before and scores[before] == scores[option] else place
    return ranks


def first_of(ranks: Mapping[Option, int]) -> list[Option]:
    """The options of rank 1: more than one when they tie."""
    return [option for option, rank in ranks.items() if rank == 1]
