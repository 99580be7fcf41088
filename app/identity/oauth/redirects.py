"""Where a client may be sent back to: exactly what it registered, any port on its own machine (RFC 8252)."""

import ipaddress
import re
from urllib.parse import SplitResult, urlsplit

LONGEST = 500
FORM = re.compile(r"[!#-;=?-Z_a-z~\[\]%]+")
OWN_SCHEME = re.compile(r"[a-z][a-z0-9+-]*(\.[a-z0-9+-]+)+")


def is_acceptable(uri: str) -> bool:
    """Whether a client may register this address.

    https anywhere; http on its own machine only; an app's own scheme in reverse-domain form. No fragment,
    no user, no dots to climb with.
    """
    parts = _split(uri)
    if parts is None or parts.fragment or "#" in uri or "@" in parts.netloc or "/.." in parts.path:
        return False
    if parts.scheme == "https":
        return bool(parts.hostname)
    if parts.scheme == "http":
        return is_own_machine(parts)
    return OWN_SCHEME.fullmatch(parts.scheme) is not None and not parts.netloc


def is_own_machine(parts: SplitResult) -> bool:
    """Whether the address is the loopback interface, by number, or `localhost`."""
    try:
        return ipaddress.ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return parts.hostname == "localhost"


def matches(registered: str, asked: str) -> bool:
    """Whether `asked` is the registered address, character by character; on loopback its port may differ."""
    if registered == asked:
        return True
    ours, theirs = _split(registered), _split(asked)
    if ours is None or theirs is None or ours.scheme != "http" or not is_own_machine(ours):
        return False
    return _without_port(ours) == _without_port(theirs)


def origin_of(uri: str) -> str:
    """The address as a Content-Security-Policy names it: its origin, or its scheme when that has no name for it."""
    parts = urlsplit(uri)
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc and "[" not in parts.netloc else f"{parts.scheme}:"


def _split(uri: str) -> SplitResult | None:
    if len(uri) > LONGEST or not FORM.fullmatch(uri):
        return None
    try:
        parts = urlsplit(uri)
        parts.port  # noqa: B018 (raises for a port that is none)
    except ValueError:
        return None
    return parts


def _without_port(parts: SplitResult) -> tuple[str, str | None, str, str, str]:
    return parts.scheme, parts.hostname if "@" not in parts.netloc else None, parts.path, parts.query, parts.fragment
