"""The events a question means: which filters are set, with their values, and a window."""

from dataclasses import dataclass
from datetime import datetime
from math import asin, cos, degrees, radians, sin
from typing import Any

from app.core.geography import Point
from app.events.models import EventStatus
from app.publishing.filters import NEAR_RADIUS_M, EventChoice
from app.publishing.reference import Known
from app.publishing.selection.conditions import EARTH_M
from app.publishing.values import Box
from app.publishing.window import Window

Shape = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Selection:
    """The events of one question: the filters that are set, with their values, and a window."""

    window: Window
    values: dict[str, Any]
    filters: Shape

    def bounds(self) -> dict[str, datetime]:
        """The bounds of the window that are set."""
        both = {"start": self.window.start, "end": self.window.end}
        return {name: bound for name, bound in both.items() if bound}


def select(asked: EventChoice, known: Known, window: Window, *, without_cancelled: bool = False) -> Selection:
    """The selection a question means."""
    values: dict[str, Any] = {
        "territory": known.territory_id,
        "organiser": asked.organiser,
        "q": asked.q,
        "accessibility": [str(provision) for provision in asked.accessibility] or None,
        "attendance_mode": asked.attendance_mode and str(asked.attendance_mode),
        "status": [str(status) for status in asked.status] or None,
        **_one_or_many("municipality", "municipalities", asked.municipality),
        **_one_or_many("theme", "themes", known.theme_ids),
        **_one_or_many("kind", "kinds", [str(kind) for kind in asked.kind]),
    }
    filters = [name for name, value in values.items() if value is not None]
    boxes = [asked.bbox] if asked.bbox else []
    if asked.near:
        radius = asked.radius or NEAR_RADIUS_M
        values |= {"latitude": asked.near[0], "longitude": asked.near[1], "radius": float(radius)}
        boxes.append(_around(asked.near, radius))
        filters.append("circle")
    if boxes:
        values |= dict(zip(("west", "south", "east", "north"), _shared(boxes), strict=True))
        filters.append("box")
    if asked.status and EventStatus.SCHEDULED not in asked.status:
        filters.append("changed")  # said to the planner: those have an index of their own
    if without_cancelled:
        filters.append("not_cancelled")
    return Selection(window, values, tuple(filters))


def _one_or_many(one: str, many: str, values: Any) -> dict[str, Any]:
    if not values:
        return {}
    return {one: values[0]} if len(values) == 1 else {many: list(values)}


def _around(point: Point, radius: int) -> Box:
    """The smallest box of degrees that holds the circle."""
    latitude, longitude = point
    high = degrees(radius / EARTH_M)
    share = sin(radius / EARTH_M) / max(cos(radians(latitude)), 1e-9)
    wide = degrees(asin(share)) if share < 1 else 180.0
    return longitude - wide, latitude - high, longitude + wide, latitude + high


def _shared(boxes: list[Box]) -> Box:
    """The part all boxes share; an empty one when they do not meet."""
    west, south, east, north = zip(*boxes, strict=True)
    shared = max(west), max(south), min(east), min(north)
    return shared if shared[0] <= shared[2] and shared[1] <= shared[3] else (0.0, -90.0, 0.0, -90.0)
