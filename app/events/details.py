"""What an event says of its place, its picture and how one signs up: as it enters, and as it leaves."""

from datetime import date
from typing import Annotated

from pydantic import Field

from app.core.fields import Day, HttpUrlText, Line, YesNo
from app.core.schemas import Body, View, described_by, partial
from app.events.models import RegistrationMode


class EventPlace(Body):
    """Where one comes to."""

    name: Annotated[Line | None, Field(description="what the place is called", examples=["Espace Toffoli"])] = None
    address: Annotated[
        Line | None,
        Field(description="street, postal code and town", examples=["12 rue du Cadran, 94220 Charenton-le-Pont"]),
    ] = None
    latitude: Annotated[
        float | None,
        Field(ge=-90, le=90, strict=True, description="WGS 84, degrees; with longitude", examples=[48.8223]),
    ] = None
    longitude: Annotated[
        float | None,
        Field(ge=-180, le=180, strict=True, description="WGS 84, degrees; with latitude", examples=[2.4142]),
    ] = None
    acceslibre_id: Annotated[
        Line | None,
        Field(description="identifier of the place in Acceslibre", examples=["8f53b0ba-5f0f-4b8e-8f3c-2d9b7c1e6a44"]),
    ] = None


class EventImage(Body):
    """A picture, never without its description, its author and its licence."""

    url: Annotated[
        HttpUrlText, Field(description="address of the picture", examples=["https://www.example.fr/pleniere.jpg"])
    ]
    alt: Annotated[
        Line, Field(description="what it shows, for who does not see it", examples=["Une salle de réunion pleine"])
    ]
    credit: Annotated[Line, Field(description="who made it", examples=["Ville de Charenton-le-Pont"])]
    licence: Annotated[Line, Field(description="under what licence it may be shown", examples=["CC BY 4.0"])]
    rights_until: Annotated[
        Day | None, Field(description="last day it may be shown; null without end", examples=["2030-12-31"])
    ] = None


@partial
class EventImageUpdate(EventImage):
    """Fields of the picture to change."""


class EventRegistration(Body):
    """How one signs up."""

    mode: Annotated[RegistrationMode, Field(description="none, on another site, or here", examples=["external"])] = (
        RegistrationMode.NONE
    )
    url: Annotated[
        HttpUrlText | None,
        Field(description="where to sign up; with mode external only", examples=["https://www.example.fr/inscription"]),
    ] = None
    capacity: Annotated[
        int | None, Field(ge=1, le=100_000, strict=True, description="seats; null when not limited", examples=[120])
    ] = None
    has_waitlist: Annotated[YesNo, Field(description="with mode internal and a capacity only", examples=[False])] = (
        False
    )


@described_by(EventPlace)
class EventPlaceOut(View):
    """Where one comes to."""

    name: str | None
    address: str | None
    latitude: float | None
    longitude: float | None
    acceslibre_id: str | None


@described_by(EventImage)
class EventImageOut(View):
    """A picture, with what must be shown beside it."""

    url: str
    alt: str
    credit: str
    licence: str
    rights_until: date | None


@described_by(EventRegistration)
class EventRegistrationOut(View):
    """How one signs up."""

    mode: RegistrationMode
    url: str | None
    capacity: int | None
    has_waitlist: bool
