"""The two kinds of schema: what enters (`Body`) and what leaves (`View`)."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, TypeVar
from uuid import UUID

from pydantic import BaseModel, ConfigDict, Field
from pydantic_core import PydanticUndefined

from app.core.examples import add_example, description_of, example_of, holds_model

B = TypeVar("B", bound="Body")
V = TypeVar("V", bound="View")


class Body(BaseModel):
    """What a caller sends. An unknown field is refused."""

    model_config = ConfigDict(extra="forbid", json_schema_extra=add_example)

    def given(self) -> dict[str, Any]:
        """The fields that were sent, by name."""
        return {name: getattr(self, name) for name in self.model_fields_set}


class View(BaseModel):
    """What is answered, read from a row's attributes. Every field is always there, null or empty.

    Types are wide on purpose: a rule made stricter later must not make older rows unreadable.
    """

    model_config = ConfigDict(from_attributes=True, json_schema_extra=add_example)


class ResourceView(View):
    """What every resource answers of itself."""

    id: UUID
    created_at: datetime
    updated_at: datetime
    version: int = Field(description="grows with each change; the ETag is this number in quotes")


def partial(body: type[B]) -> type[B]:
    """Make it the body of a PATCH: any field may be absent, which leaves the row as it is.

    Null stays refused where the field is not nullable (merge patch, RFC 7396).
    """
    for field in body.model_fields.values():
        field.default, field.default_factory = PydanticUndefined, _absent
    body.model_rebuild(force=True)
    return body


def described_by(like: type[BaseModel]) -> Callable[[type[V]], type[V]]:
    """Let the view say of each field what the body `like` says of the one of the same name."""

    def describe(view: type[V]) -> type[V]:
        for name in view.model_fields.keys() & like.model_fields.keys():
            field, told = view.model_fields[name], like.model_fields[name]
            field.description = field.description or description_of(told)
            if not holds_model(field.annotation):  # which has an example of its own
                field.examples = field.examples or [example_of(told)]
        view.model_rebuild(force=True)
        return view

    return describe


def _absent() -> None:
    """Stands in a field that was not sent, and is never read."""
