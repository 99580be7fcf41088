"""Bodies, their PATCH form, views, and the examples put together for each."""

from datetime import date
from typing import Annotated, Any

import pytest
from pydantic import Field, ValidationError

from app.core.fields import Day, ExternalIds, Line, Slug, ValidFrom, ValidUntil
from app.core.pagination import Page
from app.core.schemas import Body, View, described_by, partial

pytestmark = pytest.mark.unit


class Fields(Body):
    """A body."""

    name: Annotated[Line, Field(description="its name", examples=["Atelier"])]
    slug: Slug | None = None
    valid_from: ValidFrom = None
    valid_until: ValidUntil = None
    tags: Annotated[list[Line], Field(default_factory=list, examples=[["a", "b"]])]
    external_ids: Annotated[ExternalIds, Field(default_factory=list)]


@partial
class Update(Fields):
    """Its PATCH form."""


@described_by(Fields)
class Out(View):
    """A view."""

    name: str
    slug: str | None
    valid_from: date | None
    tags: list[str]


def test_a_patch_takes_any_field_or_none() -> None:
    assert Update().given() == {}
    assert Update(slug=None).given() == {"slug": None}
    assert Update.model_json_schema().get("required") is None


@pytest.mark.parametrize("body", [{"name": None}, {"tags": None}, {"nom": "Atelier"}])
def test_a_patch_refuses_null_where_nothing_is_nullable_and_fields_unknown(body: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        Update.model_validate(body)


def test_making_the_patch_leaves_the_body_as_it_was() -> None:
    assert Fields.model_json_schema()["required"] == ["name"]
    with pytest.raises(ValidationError):
        Fields.model_validate({})


def test_a_period_ends_after_it_begins_also_in_a_patch() -> None:
    for kind in (Fields, Update):
        with pytest.raises(ValidationError, match="dates_reversed"):
            kind.model_validate({"name": "A", "valid_from": "2020-01-01", "valid_until": "2020-01-01"})
    assert Update.model_validate({"valid_until": "2020-01-01"}).given() == {"valid_until": date(2020, 1, 1)}


def test_a_view_says_of_its_fields_what_the_body_says_and_requires_them_all() -> None:
    schema = Out.model_json_schema()
    assert schema["properties"]["name"]["description"] == "its name"
    assert schema["required"] == ["name", "slug", "valid_from", "tags"]


def test_a_view_reads_what_stricter_rules_would_refuse() -> None:
    class Row:
        name, slug, valid_from, tags = "x" * 500, "Pas un slug", date(1, 1, 1), ["\n"]

    assert Out.model_validate(Row()).name == "x" * 500


def test_examples_are_put_together_from_fields_and_are_valid() -> None:
    (example,) = Fields.model_json_schema()["examples"]
    assert example == {
        "name": "Atelier", "slug": "insertion-des-jeunes", "valid_from": "2016-01-01", "valid_until": "2026-01-01",
        "tags": ["a", "b"], "external_ids": [{"source": "annuaire-cci", "id": "C-1024"}],
    }  # fmt: skip
    Fields.model_validate(example)
    (page,) = Page[Out].model_json_schema()["examples"]
    assert page["items"] == [{name: example[name] for name in ("name", "slug", "valid_from", "tags")}]


def test_an_example_is_never_null() -> None:
    class Nullable(View):
        day: Annotated[Day | None, Field(examples=[None])]
        name: str | None

    assert Nullable.model_json_schema()["examples"] == [{"day": "2016-01-01", "name": "…"}]
