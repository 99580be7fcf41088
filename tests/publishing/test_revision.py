"""Every kind of row that a public answer shows voids what was kept of it when it changes."""

import importlib
import pkgutil
import re

import pytest

from app.core.db import Base, Resource
from app.publishing import selection
from app.publishing.revision import PUBLIC_RESOURCES
from app.publishing.selection import items
from app.publishing.selection.directory import Directory

MODULES = [
    importlib.import_module(f"{selection.__name__}.{one.name}") for one in pkgutil.iter_modules(selection.__path__)
]
DIRECTORIES = {
    id(found): found for module in MODULES for found in vars(module).values() if isinstance(found, Directory)
}
RESOURCES = {
    mapper.local_table.name: mapper.class_.__resource__
    for mapper in Base.registry.mappers
    if issubclass(mapper.class_, Resource)
}


@pytest.mark.unit
def test_what_is_shown_is_listened_to() -> None:
    shown = [items.AROUND, *(f"from {one.source} {one.fields} {one.conditions}" for one in DIRECTORIES.values())]
    tables = {table for sql in shown for table in re.findall(r"(?:from|join) (\w+)", sql)}
    assert {"partnerships", "actors", "themes"} <= tables
    assert {RESOURCES[table] for table in tables & RESOURCES.keys()} <= PUBLIC_RESOURCES
