"""The two languages, and catalogues that never fall out of step."""

import ast
import string
from pathlib import Path
from typing import get_args

import pytest
from pydantic_core.core_schema import ErrorType

from app.core import errors, i18n

pytestmark = pytest.mark.unit

APP = Path(i18n.__file__).parents[1]
NAMING_CALLS = {"ErrorAt": 1, "describe_constraint": 2, "invalid": 0}
QUOTING = {"error", "tag", "input", "input_value", "reason", "encoding_error"}


@pytest.mark.parametrize(
    ("asked", "answered"),
    [
        (None, "fr"),
        ("", "fr"),
        ("en", "en"),
        ("en-GB,en;q=0.9", "en"),
        ("fr-CA", "fr"),
        ("fr;q=0.4, en;q=0.5", "en"),
        ("en, fr", "en"),
        ("fr, en", "fr"),
        ("de, es", "fr"),
        ("de, en;q=0.1", "en"),
        ("*", "fr"),
        ("en;q=0.4, *;q=0.5", "fr"),
        ("fr;q=0", "en"),
        ("en;q=0, *", "fr"),
        ("en;q=high", "fr"),
        ("en;q=nan", "fr"),
        ("en;q=2", "fr"),
        ("en;level=1", "fr"),
        ("EN;Q=1", "en"),
        (";;,,=,", "fr"),
        ("en," * 5000, "fr"),
    ],
)
def test_the_language_is_the_one_preferred_and_french_otherwise(asked: str | None, answered: str) -> None:
    assert i18n.language(asked) == answered


def test_both_languages_have_the_same_messages_with_the_same_places() -> None:
    def places(language: i18n.Language) -> dict[str, set[str | None]]:
        messages = i18n.CATALOGUES[language].items()
        return {key: {name for _, name, _, _ in string.Formatter().parse(text) if name} for key, text in messages}

    assert places("fr") == places("en")


@pytest.mark.parametrize("problem", errors.catalogue(), ids=lambda problem: problem.slug)
def test_every_problem_is_explained_in_both_languages(problem: type[errors.Problem]) -> None:
    for language in i18n.LANGUAGES:
        for part in ("title", "detail", "meaning", "remedy"):
            assert i18n.text(language, f"problem.{problem.slug}.{part}")


def test_no_message_belongs_to_a_problem_that_does_not_exist() -> None:
    told = {key.split(".")[1] for key in i18n.CATALOGUES["fr"] if key.startswith("problem.")}
    assert told == {problem.slug for problem in errors.catalogue()}


def test_every_error_code_named_in_the_code_has_a_message() -> None:
    named = {code for path in APP.rglob("*.py") for code in _codes(ast.parse(path.read_text(encoding="utf-8")))}
    assert {"unknown_parameter", "foreign_cursor"} <= named
    assert {code for code in named if not i18n.has(f"error.{code}")} == set()


def _codes(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", None)
        place = NAMING_CALLS.get(str(name))
        if place is not None and len(node.args) > place:
            argument = node.args[place]
            if isinstance(argument, ast.Constant) and isinstance(argument.value, str):
                found.add(argument.value)
    return found


def test_no_message_has_a_place_for_what_was_submitted() -> None:
    for key, text in i18n.CATALOGUES["fr"].items():
        if key.startswith("error."):
            places = {name for _, name, _, _ in string.Formatter().parse(text) if name}
            assert not places & QUOTING, key


def test_pydantic_faults_a_caller_can_cause_have_messages_of_their_own() -> None:
    only_from_python = {
        "no_such_attribute", "needs_python_object", "recursion_loop", "recursion_depth_exceeded", "frozen_instance",
        "get_attribute_error", "dataclass_type", "dataclass_exact_type", "named_tuple_type",
        "default_factory_not_called", "iterable_type", "iteration_error", "frozen_dict_type", "ordered_dict_type",
        "counter_type", "mapping_type", "deque_type", "frozen_set_type", "set_item_not_hashable",
        "bytes_invalid_encoding", "value_error", "assertion_error", "missing_sentinel_error", "ellipsis_error",
        "is_instance_of", "is_subclass_of", "callable_type", "arguments_type", "missing_argument",
        "unexpected_keyword_argument", "missing_keyword_only_argument", "unexpected_positional_argument",
        "missing_positional_only_argument", "multiple_argument_values", "fraction_type", "fraction_parsing",
        "complex_type", "complex_str_parsing",
    }  # fmt: skip
    assert {kind for kind in get_args(ErrorType) if not i18n.has(f"error.{kind}")} == only_from_python


def test_a_value_that_is_not_given_leaves_an_ellipsis_rather_than_a_failure() -> None:
    assert i18n.text("en", "error.too_long") == "At most … item(s)."
    assert i18n.text("en", "error.too_long", max_length=3) == "At most 3 item(s)."
