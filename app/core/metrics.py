"""Counts for Prometheus, by route template: bounded, whatever is asked."""

import hmac
import os
from functools import lru_cache
from ipaddress import ip_address
from typing import Any
from weakref import WeakKeyDictionary

from fastapi import APIRouter, Request, Response
from fastapi.routing import iter_route_contexts
from prometheus_client import CollectorRegistry, Gauge, Histogram
from prometheus_client.exposition import choose_encoder
from prometheus_client.gc_collector import GCCollector
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.platform_collector import PlatformCollector
from prometheus_client.process_collector import ProcessCollector
from starlette.types import Scope

from app.core.errors import NotAllowed, NotAuthenticated
from app.settings import Settings

REGISTRY = CollectorRegistry()
for collect in (ProcessCollector, PlatformCollector, GCCollector):
    collect(registry=REGISTRY)

LABELS = ("method", "route", "status")
DURATION = Histogram(
    "http_request_duration_seconds", "Requests, and the time to the end of their answers", LABELS, registry=REGISTRY,
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10),
)  # fmt: skip
IN_PROGRESS = Gauge(
    "http_requests_in_progress", "Requests being answered", registry=REGISTRY, multiprocess_mode="livesum"
)

METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"})
PROXY_HEADERS = ("forwarded", "x-forwarded-for", "x-real-ip")
UNMATCHED = "unmatched"

router = APIRouter(include_in_schema=False)
_templates: WeakKeyDictionary[Any, dict[Any, list[Any]]] = WeakKeyDictionary()


def known(method: str) -> str:
    """The method, if it is one of HTTP's usual ones."""
    return method if method in METHODS else "OTHER"


def count(method: str, route: str, status: int, seconds: float) -> None:
    """Note one answered request."""
    _series(known(method), route, status).observe(seconds)


@lru_cache(maxsize=4096)
def _series(method: str, route: str, status: int) -> Histogram:
    return DURATION.labels(method, route, status)


def route_of(scope: Scope) -> str:
    """The template of the route that answered (`/v1/actors/{actor_id}`).

    An answer given in front of the routes says its own in `scope["state"]["route"]`.
    """
    given: str | None = scope["state"].get("route")
    if given is not None:
        return given
    endpoint, app = scope.get("endpoint"), scope.get("app")
    if endpoint is None or app is None:
        return UNMATCHED
    if app not in _templates:
        _templates[app] = _by_endpoint(app)
    routes = _templates[app].get(endpoint, ())
    if len(routes) == 1:
        return str(routes[0].path_format)
    return next((str(route.path_format) for route in routes if route.path_regex.match(scope["path"])), UNMATCHED)


def _by_endpoint(app: Any) -> dict[Any, list[Any]]:
    routes: dict[Any, list[Any]] = {}
    for route in iter_route_contexts(app.routes):
        routes.setdefault(route.endpoint or getattr(route.route, "app", None), []).append(route)
    return routes


@router.get("/metrics")
async def read_metrics(request: Request) -> Response:
    """The counts, for whoever has the token, or for this machine when there is none."""
    _require_operator(request)
    encode, media_type = choose_encoder(request.headers.get("accept", ""))
    registry = REGISTRY
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:  # several workers: their counts are added up
        registry = CollectorRegistry()
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]
    return Response(encode(registry), headers={"Content-Type": media_type, "Cache-Control": "no-store"})


def _require_operator(request: Request) -> None:
    """Raises `NotAuthenticated` without the token; `NotAllowed` for another machine when there is no token."""
    settings: Settings = request.app.state.settings
    if settings.metrics_token:
        expected = f"Bearer {settings.metrics_token.get_secret_value()}".encode()
        if not hmac.compare_digest(request.headers.get("authorization", "").encode(), expected):
            raise NotAuthenticated(headers={"WWW-Authenticate": 'Bearer realm="metrics"'})
    elif not _is_here(request):
        raise NotAllowed


def _is_here(request: Request) -> bool:
    """Whether the caller is this machine itself, and no proxy on it."""
    if request.client is None or any(name in request.headers for name in PROXY_HEADERS):
        return False
    try:
        return ip_address(request.client.host).is_loopback
    except ValueError:
        return False
