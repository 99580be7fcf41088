"""What routes say of their refusals."""

import pytest
from jsonschema import Draft202012Validator

from app.core import errors, problems, responses

pytestmark = pytest.mark.unit

ALL = {name: value for name, value in vars(responses).items() if name.startswith("ON_")}


def test_every_example_is_a_problem_as_it_is_answered() -> None:
    validator = Draft202012Validator(responses.SCHEMA)
    seen = 0
    for told in ALL.values():
        for status, answer in told.items():
            for slug, example in answer.get("content", {}).get(problems.MEDIA_TYPE, {}).get("examples", {}).items():
                validator.validate(example["value"])
                assert (example["value"]["status"], example["value"]["type"]) == (status, f"/problems/{slug}")
                seen += 1
    assert seen > 50


def test_problems_of_one_status_are_told_together() -> None:
    told = responses.problems(errors.InvalidInput, errors.KeyReused)
    assert list(told) == [422]
    assert list(told[422]["content"][problems.MEDIA_TYPE]["examples"]) == ["invalid-input", "idempotency-key-reused"]
