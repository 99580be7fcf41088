"""Where an offer can go from where it stands."""

from collections.abc import Mapping
from enum import StrEnum

from app.internships.offers.models import OfferState


class OfferVerb(StrEnum):
    """What may be done to an offer: PATCH, DELETE, and the verbs of its paths."""

    EDIT = "edit"
    DELETE = "delete"
    CLOSE = "close"
    REOPEN = "reopen"


MOVES: Mapping[OfferVerb, Mapping[OfferState, OfferState]] = {
    OfferVerb.CLOSE: {OfferState.OPEN: OfferState.CLOSED},
    OfferVerb.REOPEN: {OfferState.CLOSED: OfferState.OPEN},
}
"""From where each verb leads where."""
