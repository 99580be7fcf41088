"""Identifiers of French organisations, with the checks each of them carries.

The database makes the same checks (migration of the actors); tests hold both to one another.
"""

import re
from typing import Annotated

from pydantic import Field
from stdnum.exceptions import InvalidChecksum, InvalidFormat
from stdnum.fr import siret

from app.territories.identifiers import checked

UAI_LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ"
"""What the seven digits of a UAI, modulo 23, must be followed by: no I, O or Q."""

_RNA = re.compile(r"W[0-9A-Z][0-9]{8}")
_UAI = re.compile(r"[0-9]{7}[A-Z]")
_NAF = re.compile(r"([0-9]{2})[.]?([0-9]{2}[A-Z])")


def validate_rna(text: str) -> str:
    """The number of an association in the national directory. Raises `InvalidFormat`."""
    rna = _compact(text)
    if not _RNA.fullmatch(rna):
        raise InvalidFormat
    return rna


def validate_uai(text: str) -> str:
    """The number of a school in the national directory. Raises `InvalidFormat` or `InvalidChecksum`."""
    uai = _compact(text)
    if not _UAI.fullmatch(uai):
        raise InvalidFormat
    if UAI_LETTERS[int(uai[:7]) % 23] != uai[7]:
        raise InvalidChecksum
    return uai


def validate_naf(text: str) -> str:
    """A code of INSEE's nomenclature of activities, with its point. Raises `InvalidFormat`."""
    found = _NAF.fullmatch(_compact(text))
    if not found:
        raise InvalidFormat
    return ".".join(found.groups())


def _compact(text: str) -> str:
    return "".join(text.split()).upper()


Siret = Annotated[
    str,
    Field(
        max_length=30,
        description="SIRET: 14 digits, of the establishment; spaces are removed; its SIREN follows from it",
        examples=["21940018100018"],
    ),
    checked(siret.validate, "siret"),
]
Rna = Annotated[
    str,
    Field(max_length=30, description="RNA: W and 9 characters, of an association", examples=["W941000123"]),
    checked(validate_rna, "rna"),
]
Uai = Annotated[
    str,
    Field(max_length=30, description="UAI: 7 digits and a letter, of a school", examples=["0940112L"]),
    checked(validate_uai, "uai"),
]
Naf = Annotated[
    str,
    Field(max_length=10, description="NAF code of the main activity", examples=["62.02A"]),
    checked(validate_naf, "naf"),
]
PostalCode = Annotated[str, Field(pattern="^[0-9]{5}$", examples=["94220"])]
