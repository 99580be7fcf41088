"""Access tokens as JWT (RFC 9068), signed and verified by python-jose, here and nowhere else.

The library is kept from choosing anything: one key by `kid` from our own set, ES256 only, and every header
or claim checked before or after it. Whatever goes wrong with a token is `BadToken`.
"""

import hashlib
import re
from collections import OrderedDict
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from jose import jwk
from jose import jwt as jose

ALGORITHM, TYPE = "ES256", "at+jwt"
LIFETIME_S = 600
LEEWAY_S = 5
LONGEST = 4096
REFUSED_HEADERS = {"crit", "jku", "jwk", "x5u", "x5c", "x5t", "x5t#S256", "zip", "enc", "b64"}
REQUIRED = ("exp", "iat", "iss", "aud", "sub")
STRINGS = ("iss", "aud", "sub", "jti", "client_id", "scope", "sid")
_FORM = re.compile(r"[A-Za-z0-9_-]{2,}\.[A-Za-z0-9_-]{2,}\.[A-Za-z0-9_-]{86}")

Key = Any  # python-jose's own key object


class BadToken(Exception):
    """Not an access token of ours that is good now."""


@dataclass(frozen=True, slots=True)
class AccessToken:
    """What a verified access token says. `family_id`: what the consent, or the machine's request, opened."""

    kid: str
    subject: str
    client_id: str
    family_id: str
    scopes: frozenset[str]
    expires_at: int
    issued_at: int
    id: str


def signing_key(pem: str) -> Key:
    """A private key made ready to sign with."""
    return jwk.construct(pem, ALGORITHM)


def verifying_key(public: Mapping[str, str]) -> Key:
    """A public key (JWK) made ready to verify with."""
    return jwk.construct(dict(public), ALGORITHM)


def sign(claims: Mapping[str, Any], key: Key, kid: str) -> str:
    """An access token that says `claims`."""
    token: str = jose.encode(dict(claims), key, algorithm=ALGORITHM, headers={"typ": TYPE, "kid": kid})
    return token


def verify(token: str, key_of: Callable[[str], Key | None], *, base_url: str, now: float) -> AccessToken:
    """What the token says, once everything about it is right: `base_url` issued it, for itself, and it still lasts.

    `key_of` gives one of our verifying keys by its `kid`. Raises `BadToken`, whatever is wrong.
    """
    try:
        return _verified(token, key_of, base_url, now)
    except BadToken:
        raise
    except Exception as error:  # a library's surprise is not the caller's
        raise BadToken(type(error).__name__) from None


def kid_of(token: str) -> str:
    """The key a token names, its header checked; nothing else is known of it yet. Raises `BadToken`."""
    try:
        return _kid(token)
    except BadToken:
        raise
    except Exception as error:
        raise BadToken(type(error).__name__) from None


def _kid(token: str) -> str:
    _require(len(token) <= LONGEST and _FORM.fullmatch(token) is not None, "form")
    header = jose.get_unverified_header(token)
    _require(header.get("alg") == ALGORITHM, "alg")
    typ = header.get("typ")
    _require(isinstance(typ, str) and typ.lower().removeprefix("application/") == TYPE, "typ")
    _require(not REFUSED_HEADERS & header.keys(), "header")
    kid = header.get("kid")
    _require(isinstance(kid, str), "kid")
    return str(kid)


def _verified(token: str, key_of: Callable[[str], Key | None], base_url: str, now: float) -> AccessToken:
    kid = _kid(token)
    key = key_of(kid)
    _require(key is not None, "kid")
    claims = jose.decode(
        token, key, algorithms=[ALGORITHM], audience=base_url, issuer=base_url,
        options={f"require_{name}": True for name in REQUIRED} | {"leeway": LEEWAY_S, "verify_exp": False},
    )  # fmt: skip
    _require(all(isinstance(claims.get(name), str) for name in STRINGS), "claims")
    _require(claims["iss"] == base_url and claims["aud"] == base_url, "audience")
    issued, expires = claims["iat"], claims["exp"]
    _require(type(issued) is int and type(expires) is int, "times")
    _require(issued <= now + LEEWAY_S and now < expires <= issued + LIFETIME_S, "times")
    return AccessToken(
        kid, claims["sub"], claims["client_id"], claims["sid"],
        frozenset(claims["scope"].split()), expires, issued, claims["jti"],
    )  # fmt: skip


def _require(holds: bool, what: str) -> None:
    if not holds:
        raise BadToken(what)


class VerifiedTokens:
    """Tokens whose signature was checked, by their hash, until they end; the oldest leave when it is full.

    What can change meanwhile (roles, revocation, the key) is none of its business.
    """

    def __init__(self, most: int = 10_000) -> None:
        self._most = most
        self._known: OrderedDict[bytes, AccessToken] = OrderedDict()

    def get(self, token: str, now: float) -> AccessToken | None:
        """What the token says, if it was checked and has not ended."""
        name = hashlib.sha256(token.encode()).digest()
        said = self._known.get(name)
        if said is not None and said.expires_at <= now:
            del self._known[name]
            return None
        return said

    def keep(self, token: str, said: AccessToken) -> None:
        """Remember a token just checked."""
        self._known[hashlib.sha256(token.encode()).digest()] = said
        if len(self._known) > self._most:
            self._known.popitem(last=False)

    def __len__(self) -> int:
        return len(self._known)
