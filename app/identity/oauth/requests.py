"""One request to an OAuth endpoint, as Authlib reads it, with everything checked that it takes on trust."""

import base64
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from urllib.parse import parse_qsl, unquote_plus

from authlib.oauth2.rfc6749 import InvalidClientError, InvalidRequestError, OAuth2Payload, OAuth2Request
from fastapi import Request

LONGEST = 4096
MOST = 40
CLIENT_ID = re.compile(r"[A-Za-z0-9_.-]{1,100}")
PLAIN = re.compile(r"[\x20-\x21\x23-\x5b\x5d-\x7e]*")
ANY_ASCII = re.compile(r"[\x20-\x7e]*")
FREE = {"state", "client_secret", "token"}

Pairs = Iterable[tuple[str, str]]


class Payload(OAuth2Payload):  # type: ignore[misc]
    """The parameters, each given once."""

    def __init__(self, given: Mapping[str, str]) -> None:
        self._given = dict(given)

    @property
    def data(self) -> dict[str, str]:
        return self._given

    @property
    def datalist(self) -> defaultdict[str, list[str]]:
        return defaultdict(list, {name: [value] for name, value in self._given.items()})


class OAuthRequest(OAuth2Request):  # type: ignore[misc]
    """A request and its parameters. Raises an `OAuth2Error` for what RFC 6749 does not let through."""

    def __init__(self, method: str, base_url: str, path: str, pairs: Pairs, authorization: str | None = None) -> None:
        # Authlib wants https in every address; whether it is so was settled with the settings
        super().__init__(method, "https://" + base_url.split("://", 1)[1] + path)
        self.payload = Payload({})
        self.payload = Payload(checked(pairs))
        if authorization and authorization[:6].lower() == "basic ":
            self.headers = {"Authorization": _basic(authorization[6:])}
            if "client_secret" in self.payload.data:
                raise InvalidRequestError("One way of client authentication only.")
        self._body = self.payload.data

    @property
    def args(self) -> dict[str, str]:
        return self.payload.data

    @property
    def form(self) -> dict[str, str]:
        return self.payload.data


def checked(pairs: Pairs) -> dict[str, str]:
    """The parameters that have a value. Raises `InvalidRequestError` for one repeated, too long or not plain."""
    given: dict[str, str] = {}
    for count, (name, value) in enumerate(pairs):
        if not PLAIN.fullmatch(name) or len(name) > 100 or count >= MOST:
            raise InvalidRequestError("Unreadable parameters.")
        if name in given:
            raise InvalidRequestError(f"Parameter given several times: {name}")
        if len(value) > LONGEST or not (ANY_ASCII if name in FREE else PLAIN).fullmatch(value):
            raise InvalidRequestError(f"Unreadable parameter: {name}")
        if name == "client_id" and not CLIENT_ID.fullmatch(value):
            raise InvalidRequestError("Unreadable parameter: client_id")
        if value:
            given[name] = value
    return given


async def form_pairs(request: Request) -> list[tuple[str, str]]:
    """The parameters of a form body."""
    return parse_qsl((await request.body()).decode(), keep_blank_values=True, max_num_fields=None)


def _basic(credentials: str) -> str:
    """The header again, its parts read as RFC 6749 (2.3.1) writes them. Raises `InvalidClientError`."""
    try:
        name, _, secret = base64.b64decode(credentials.strip(), validate=True).decode("ascii").partition(":")
        name, secret = unquote_plus(name, errors="strict"), unquote_plus(secret, errors="strict")
        if not CLIENT_ID.fullmatch(name) or not ANY_ASCII.fullmatch(secret):
            raise ValueError("credentials")
    except ValueError:
        raise InvalidClientError("Unreadable credentials.", status_code=401) from None
    plain = f"{name}:{secret.replace('%', '%25')}"
    return "Basic " + base64.b64encode(plain.encode()).decode()
