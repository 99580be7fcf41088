"""Identifiers that INSEE gives: of organisations (SIREN) and of communes."""

from collections.abc import Callable
from typing import Annotated

from pydantic import AfterValidator, Field
from stdnum.exceptions import ValidationError
from stdnum.fr import siren

from app.core.errors import invalid


def checked(validate: Callable[[str], str], code: str) -> AfterValidator:
    """Accept what python-stdnum accepts, without its separators; else the fault `code`."""

    def check(number: str) -> str:
        try:
            return validate(number)
        except ValidationError as error:
            raise invalid(code) from error

    return AfterValidator(check)


Siren = Annotated[
    str,
    Field(
        max_length=30, description="SIREN: 9 digits, of the organisation; spaces are removed", examples=["219400181"]
    ),
    checked(siren.validate, "siren"),
]

InseeCode = Annotated[
    str,
    Field(pattern="^([0-9]{2}|2A|2B)[0-9]{3}$", description="INSEE code of a commune", examples=["94018"]),
]
"""The code of a commune, which is not its postal code."""
