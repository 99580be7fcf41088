"""An example of every schema, put together from the examples of its fields."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from typing import Any, Literal, get_args, get_origin
from uuid import UUID

from pydantic import BaseModel
from pydantic.fields import FieldInfo

SAMPLES: Mapping[type, Any] = {
    UUID: "01936f6e-5c1a-7d3e-9b52-2f6c8f0a4d17",
    datetime: "2026-03-02T09:00:00Z",
    date: "2026-03-02",
    bool: False,
    int: 1,
    float: 1.5,
    str: "…",
}


def add_example(schema: dict[str, Any], model: type[BaseModel]) -> None:
    """Pydantic's `json_schema_extra`: gives the schema of `model` one example."""
    schema["examples"] = [_of_model(model)]


def example_of(field: FieldInfo) -> Any:
    """What the field, or else its type, gives as an example. Never null: FastAPI drops nulls from examples."""
    given = next((example for example in field.examples or () if example is not None), None)
    return _of_type(field.annotation) if given is None else given


def description_of(field: FieldInfo) -> str | None:
    """What the field, or else its type, says of itself."""
    kinds = (field.annotation, *get_args(field.annotation))
    return field.description or next((told.description for kind in kinds for told in _told(kind)), None)


def holds_model(kind: Any) -> bool:
    """Whether the type is a model, or a list or choice of models."""
    return (isinstance(kind, type) and issubclass(kind, BaseModel)) or any(map(holds_model, get_args(kind)))


def _of_model(model: type[BaseModel]) -> dict[str, Any]:
    return {field.alias or name: example_of(field) for name, field in model.model_fields.items()}


def _of_type(kind: Any) -> Any:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return _of_model(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next(iter(kind)).value
    if hasattr(kind, "__metadata__"):
        given = [told.examples[0] for told in _told(kind) if told.examples]
        return given[0] if given else _of_type(get_args(kind)[0])
    if get_origin(kind) is Literal:
        return get_args(kind)[0]
    if get_origin(kind) in (list, set, tuple):
        return [_of_type(get_args(kind)[0])]
    if kind in SAMPLES:
        return SAMPLES[kind]
    return _of_type(get_args(kind)[0])


def _told(kind: Any) -> list[FieldInfo]:
    return [told for told in getattr(kind, "__metadata__", ()) if isinstance(told, FieldInfo)]
