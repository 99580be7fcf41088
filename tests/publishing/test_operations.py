import pytest
from openapi_spec_validator import validate

from app.publishing.openapi import openapi_paths
from app.publishing.operations import OPERATIONS, route

pytestmark = pytest.mark.unit


def test_every_address_of_the_table_is_routed_to_its_own_operation() -> None:
    for operation in OPERATIONS:
        for format_ in operation.formats:
            place = "a" if "slug" in operation.path else "01936f6e-5c1a-7d3e-9b52-2f6c8f0a4d17"
            path = operation.path.replace("{id}", place).replace("{slug}", place) + format_.extension
            found = route(path)
            assert found is not None, path
            assert (found.operation, found.format) == (operation, format_)


def test_the_contract_tells_every_operation_and_each_of_its_parameters() -> None:
    told = openapi_paths()
    document = {
        "openapi": "3.1.0", "info": {"title": "t", "version": "1"}, "paths": told["paths"],
        "components": {"schemas": told["components"]["schemas"] | {"Problem": {}}},
    }  # fmt: skip
    validate(document)
    names = [item["get"]["operationId"] for item in told["paths"].values()]
    assert len(names) == len(set(names))
    for path, item in told["paths"].items():
        for parameter in item["get"]["parameters"]:
            assert parameter["description"], (path, parameter["name"])
            assert {"type": "null"} not in parameter["schema"].get("anyOf", [])
