"""The house keeps its own rules: what a reviewer would have to say twice, a test says."""

import ast
import importlib
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import inspect
from sqlalchemy.orm import Mapper

import app
from app import v1
from app.core.db import Base, Resource
from app.core.errors import Problem

pytestmark = pytest.mark.unit

ROOT = Path(app.__file__).parent
LONGEST_FILE = 300
LONGEST_FUNCTION = 40
FORBIDDEN_NAMES = {"utils", "helpers", "manager", "base", "common", "misc"}


def sources() -> Iterator[tuple[Path, ast.Module]]:
    for path in sorted(ROOT.rglob("*.py")):
        yield path.relative_to(ROOT.parent), ast.parse(path.read_text())


def functions(tree: ast.Module) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    return (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))


def test_no_file_is_longer_than_a_reader_can_hold() -> None:
    lengths = {path: len((ROOT.parent / path).read_text().splitlines()) for path, _ in sources()}
    assert {path: lines for path, lines in lengths.items() if lines > LONGEST_FILE} == {}


def test_no_function_is_longer_than_a_screen() -> None:
    spans = {
        f"{path}:{function.name}": function.end_lineno - function.lineno + 1
        for path, tree in sources()
        for function in functions(tree)
        if function.end_lineno
    }
    assert {name: lines for name, lines in spans.items() if lines > LONGEST_FUNCTION} == {}


def test_every_module_and_every_public_definition_says_what_it_means() -> None:
    silent = []
    for path, tree in sources():
        if path.name != "__init__.py" and not ast.get_docstring(tree):
            silent.append(str(path))
        for node in tree.body:
            is_definition = isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef)
            if is_definition and not node.name.startswith("_") and not ast.get_docstring(node):
                silent.append(f"{path}:{node.name}")
    assert silent == []


def test_no_module_has_a_name_that_says_nothing() -> None:
    assert [str(path) for path, _ in sources() if path.stem in FORBIDDEN_NAMES] == []


def test_change_listeners_stand_in_the_core_only() -> None:
    elsewhere = [
        str(path)
        for path, tree in sources()
        if path.parts[1] != "core"
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr == "listens_for"
    ]
    assert elsewhere == []


def test_no_relationship_loads_itself_unseen() -> None:
    for module in pkgutil.walk_packages([str(ROOT)], "app."):
        if module.name.endswith(".models"):
            importlib.import_module(module.name)
    eager = [
        f"{mapper.class_.__name__}.{relationship.key}"
        for mapper in Base.registry.mappers
        for relationship in mapper.relationships
        if relationship.lazy not in ("raise", "raise_on_sql", "write_only")
    ]
    assert eager == []


def test_every_resource_has_a_version_that_is_its_etag() -> None:
    mappers = Base.registry.mappers
    resources: list[Mapper[Resource]] = [inspect(m.class_) for m in mappers if issubclass(m.class_, Resource)]
    assert resources
    assert [m.class_.__name__ for m in resources if m.version_id_col is None] == []


def test_every_endpoint_is_asynchronous_and_named_for_what_it_does() -> None:
    for route in v1.routes():
        tree = ast.parse(Path(route.endpoint.__code__.co_filename).read_text())
        kinds = {f.name: type(f) for f in functions(tree)}
        assert kinds[route.endpoint.__name__] is ast.AsyncFunctionDef, route.endpoint.__name__
        assert "_" in route.endpoint.__name__, f"{route.endpoint.__name__}: verb_noun"


def test_every_problem_has_a_slug_and_a_status_of_its_own_kind() -> None:
    def below(kind: type[Problem]) -> Iterator[type[Problem]]:
        for child in kind.__subclasses__():
            yield child
            yield from below(child)

    problems = list(below(Problem))
    slugs = [problem.slug for problem in problems]
    assert len(slugs) == len(set(slugs))
    assert all(400 <= problem.status <= 599 for problem in problems)
