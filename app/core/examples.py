"""An example of every schema, put together from the examples of its fields."""

from collections.abc import Mapping
from datetime import date, datetime
from enum import Enum
from types import NoneType
from typing import Any, get_args, get_origin
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
    NoneType: None,
}


def add_example(schema: dict[str, Any], model: type[BaseModel]) -> None:
    """Pydantic's `json_schema_extra`: gives the schema of `model` one example."""
    schema["examples"] = [_of_model(model)]


def _of_model(model: type[BaseModel]) -> dict[str, Any]:
    return {name: _of_field(field) for name, field in model.model_fields.items()}


def _of_field(field: FieldInfo) -> Any:
    return field.examples[0] if field.examples else _of_type(field.annotation)


def _of_type(kind: Any) -> Any:
    if isinstance(kind, type) and issubclass(kind, BaseModel):
        return _of_model(kind)
    if isinstance(kind, type) and issubclass(kind, Enum):
        return next(iter(kind)).value
    if hasattr(kind, "__metadata__"):
        told = next((m.examples for m in kind.__metadata__ if isinstance(m, FieldInfo) and m.examples), None)
        return told[0] if told else _of_type(get_args(kind)[0])
    if get_origin(kind) in (list, set, tuple):
        return [_of_type(get_args(kind)[0])]
    if kind in SAMPLES:
        return SAMPLES[kind]
    return _of_type(get_args(kind)[0])
