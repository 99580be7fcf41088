"""The contract, as OpenAPI 3.1: what FastAPI knows of `/v1`, the public tree's own table, and the scopes."""

import re
from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from fastapi.routing import APIRoute

from app import v1
from app.core.responses import SCHEMA as PROBLEM
from app.identity import rights
from app.publishing.openapi import openapi_paths

Document = dict[str, Any]

TAGS = {
    "public": "What anyone may read, without a key: published rows, in many formats.",
    "territories": "Perimeters of action, their municipalities and successors; themes; programmes and their stages.",
    "actors": "The organisations of a territory: companies, associations, public bodies, schools, clubs.",
    "people": "Contacts in the organisations, and what they are to them; seen by few, and every reading is on record.",
    "events": "Everything that has a date and a place, from its draft to its publication and after.",
    "partnerships": "Who agreed to do something together, what each gives and thinks of it, and the balance of it all.",
    "registrations": "Who is asked to an event, who signs up, who waits for a seat, and who came.",
    "decisions": "Questions put to the vote: options, electors, ballots, and results by six methods.",
    "needs": "The diagnosis: what actors say is missing, how severe it is, and whether an action answers it.",
    "working-groups": "Who explores a theme together: the pair, the facilitator, the members, and how it is going.",
    "action-plans": "What a territory undertakes, theme by theme: the plans, their adoption and their end.",
    "actions": "What is done, by whom and until when: actions, their milestones, notes and lineage, mentorships.",
    "internships": "Placements of pupils, the seats organisations offer for them, and what the law says.",
    "q2er": "Quand Entreprises et Élèves se Rencontrent: editions, sequences, classes, pupils, and who took part.",
    "mobilisation": "How far organisations and people are mobilised, counted from what they did.",
    "communication": "Sites, bulletins and newspapers that speak of the territory’s work, and what came out there.",
    "means": "What is put into programmes and actions: budget, staff, time, premises.",
    "todo": "What waits for the people of the collectivité this week, counted and listed by urgency.",
    "me": "What the caller may do, at this moment.",
    "accounts": "People are invited to a role; roles are given and taken back.",
    "audit": "Who did what, what was refused, and who read of persons.",
    "tokens": "One's own tokens for scripts: made, replaced, revoked.",
    "clients": "Applications that ask to be let in, and their approval by an admin of the territory.",
    "service": "Whether the service lives, and what its problems mean.",
}
LICENCE = {"name": "EUPL-1.2", "identifier": "EUPL-1.2"}
_SCOPES = {name: texts["en"] for name, texts in rights.SCOPES.items()}
SCHEMES: Document = {
    "oauth": {
        "type": "oauth2",
        "description": "For applications: in a person's name (authorization code with PKCE S256) or in their own.",
        "flows": {
            "authorizationCode": {
                "authorizationUrl": "/oauth/authorize",
                "tokenUrl": "/oauth/token",
                "refreshUrl": "/oauth/token",
                "scopes": _SCOPES,
            },
            "clientCredentials": {"tokenUrl": "/oauth/token", "scopes": _SCOPES},
        },
    },
    "bearer": {
        "type": "http",
        "scheme": "bearer",
        "description": "For scripts: an API token, made at `/v1/api-tokens` or on its page.",
    },
}
"""How one is let in; either will do."""


def install(api: FastAPI) -> None:
    """Let `api.openapi()` give the whole contract, made once."""

    def openapi() -> Document:
        if api.openapi_schema is None:
            api.openapi_schema = _document(api)
        return api.openapi_schema

    api.openapi = openapi  # type: ignore[method-assign]


def _document(api: FastAPI) -> Document:
    document = get_openapi(
        title=api.title,
        version=api.version,
        summary="One API for the actors of a territory, and for the sites that show what they do.",
        description=api.description,
        routes=api.routes,
        tags=[{"name": name, "description": text} for name, text in TAGS.items()],
        servers=[{"url": "/", "description": "the server this document was read from"}],
    )
    document["info"]["license"] = LICENCE
    document.setdefault("components", {})["securitySchemes"] = SCHEMES
    for route in v1.routes():
        _name_scopes(document, route)
    document["components"].setdefault("schemas", {})["Problem"] = PROBLEM
    _add_public(document)
    for item in document["paths"].values():
        for operation in item.values():
            operation.setdefault("security", [])  # open to anyone
    _link_what_is_made(document["paths"])
    return document


def _name_scopes(document: Document, route: APIRoute) -> None:
    scopes = list(v1.scopes_of(route))
    for method in route.methods or ():
        operation = document["paths"][route.path_format].get(method.lower())
        if operation:
            operation["security"] = [{scheme: scopes} for scheme in SCHEMES]


def _add_public(document: Document) -> None:
    """The public tree answers before FastAPI is reached, and tells of itself."""
    public = openapi_paths()
    document["paths"] |= public.get("paths", public)
    for name, schema in public.get("components", {}).get("schemas", {}).items():
        document["components"]["schemas"].setdefault(name, schema)


def _link_what_is_made(paths: Document) -> None:
    """Each creation says what can be done next with what it made (OpenAPI's links)."""
    for path, item in paths.items():
        made = item.get("post", {}).get("responses", {}).get("201")
        if made is None or path.endswith("}"):
            continue
        row = re.compile(rf"/v1/{path.rsplit('/', 1)[1]}/{{(\w+)}}(/[\w-]+|:[\w-]+)?")
        next_ones = [
            (matched[1], operation)
            for other in paths
            if (matched := row.fullmatch(other))
            for operation in paths[other].values()
        ]
        made["links"] = {operation["operationId"]: _link(name, operation) for name, operation in next_ones}


def _link(name: str, operation: Document) -> Document:
    parameters = {f"path.{name}": "$response.body#/id"}
    if any(parameter["name"].lower() == "if-match" for parameter in operation.get("parameters", ())):
        parameters["header.If-Match"] = "$response.header.ETag"
    return {"operationId": operation["operationId"], "parameters": parameters}
