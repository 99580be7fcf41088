"""Places on the globe: a point as a query writes it, and what lies around it (WGS 84, degrees)."""

import math
from typing import Annotated, Any

from pydantic import AfterValidator, BeforeValidator
from sqlalchemy import ColumnElement, and_, func
from sqlalchemy.orm import InstrumentedAttribute

from app.core.errors import invalid

Point = tuple[float, float]
"""Latitude and longitude."""

EARTH_KM = 6371.0088
KM_OF_A_DEGREE = math.pi * EARTH_KM / 180
Degrees = InstrumentedAttribute[float | None] | ColumnElement[float]


def numbers(value: Any, count: int, code: str) -> list[float]:
    """So many numbers, separated by commas. Raises the fault `code`."""
    try:
        found = [float(part) for part in value.split(",")] if len(value) <= 100 else []
    except ValueError:
        found = []
    if len(found) != count or not all(math.isfinite(number) for number in found):
        raise invalid(code)
    return found


def point(value: Any) -> Point:
    """The point written `latitude,longitude`. Raises the fault `near_form`."""
    latitude, longitude = numbers(value, 2, "near_form")
    if not (-90 <= latitude <= 90 and -180 <= longitude <= 180):
        raise invalid("near_form")
    return latitude, longitude


PointText = Annotated[Point, BeforeValidator(point, json_schema_input_type=str)]
"""A point written `latitude,longitude`."""


def _readable(text: str) -> str:
    point(text)
    return text


PointQuery = Annotated[str, AfterValidator(_readable)]
"""The same, left as it is written: FastAPI would take a tuple for a parameter that is repeated."""


def lies_within(latitude: Degrees, longitude: Degrees, of: Point, km: float) -> ColumnElement[bool]:
    """Rows at most so many kilometres from a point: those of a box around it, by the index of
    `point(longitude, latitude)`, then by their distance on the globe (haversine)."""
    north = km / KM_OF_A_DEGREE
    narrow = math.cos(math.radians(min(abs(of[0]) + north, 90)))
    east = 180.0 if narrow * 180 * KM_OF_A_DEGREE <= km else north / narrow
    corners = (func.point(of[1] - east, of[0] - north), func.point(of[1] + east, of[0] + north))
    in_box = func.point(longitude, latitude).op("<@")(func.box(*corners))
    half = _squared_sine(latitude - of[0]) + func.cosd(of[0]) * func.cosd(latitude) * _squared_sine(longitude - of[1])
    distance: ColumnElement[float] = 2 * EARTH_KM * func.asin(func.least(1.0, func.sqrt(half)))
    return and_(in_box, distance <= km)


def _squared_sine(degrees: ColumnElement[Any]) -> ColumnElement[float]:
    """Of half an angle. One too small for a float's square, which PostgreSQL refuses, is taken for a tenth of a
    millimetre."""
    squared: ColumnElement[float] = func.power(func.sind(func.greatest(func.abs(degrees), 1e-9) / 2), 2)
    return squared
