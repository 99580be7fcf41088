"""Access tokens: only ours, whole, for us and for now."""

import base64
import hmac
import json
import time
from collections.abc import Iterator

import pytest
import time_machine
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat
from hypothesis import given
from hypothesis import strategies as st

from app.identity import jwt

pytestmark = pytest.mark.unit
BASE = "https://api.example"
PRIVATE, OTHER = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())


@pytest.fixture(autouse=True)
def _while_they_are_fresh() -> Iterator[None]:
    """The tokens below are made as the tests are gathered; those played minutes later must not have aged."""
    with time_machine.travel(NOW, tick=False):
        yield


def pem(private: ec.EllipticCurvePrivateKey) -> str:
    return private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def public_jwk(private: ec.EllipticCurvePrivateKey) -> dict[str, str]:
    numbers = private.public_key().public_numbers()
    x, y = (b64(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": "P-256", "x": x, "y": y}


KEYS = {"ours": jwt.verifying_key(public_jwk(PRIVATE)), "second": jwt.verifying_key(public_jwk(OTHER))}


def claims(**changes: object) -> dict[str, object]:
    now = int(time.time())
    said = {
        "iss": BASE, "aud": BASE, "sub": "someone", "client_id": "an-app", "sid": "a-family", "jti": "1",
        "scope": "events:read actors:read", "iat": now, "exp": now + 600, **changes,
    }  # fmt: skip
    return {name: value for name, value in said.items() if value is not ...}


def signed(said: object = None, private: ec.EllipticCurvePrivateKey = PRIVATE, **header: object) -> str:
    """A token as an attacker writes one: any header, any claims, any key; `payload` as given when bytes."""
    top = {"alg": "ES256", "typ": "at+jwt", "kid": "ours", **header}
    top = {name: value for name, value in top.items() if value is not ...}
    body = said if isinstance(said, bytes) else json.dumps(claims() if said is None else said).encode()
    start = f"{b64(json.dumps(top).encode())}.{b64(body)}"
    return f"{start}.{b64(jwt.signing_key(pem(private)).sign(start.encode()))}"


def hs256(key: bytes, **header: object) -> str:
    top = {"alg": "HS256", "typ": "at+jwt", "kid": "ours", **header}
    start = f"{b64(json.dumps(top).encode())}.{b64(json.dumps(claims()).encode())}"
    return f"{start}.{b64(hmac.digest(key, start.encode(), 'sha256'))}"


def verify(token: str) -> jwt.AccessToken:
    return jwt.verify(token, KEYS.get, base_url=BASE, now=time.time())


def refused(token: str) -> bool:
    with pytest.raises(jwt.BadToken):
        verify(token)
    with pytest.raises(jwt.BadToken):
        jwt.verify(token, lambda _: KEYS["ours"], base_url=BASE + "/other", now=time.time())
    return True


def test_a_token_we_signed_says_who_for_which_client_and_what_for():
    said = verify(jwt.sign(claims(), jwt.signing_key(pem(PRIVATE)), "ours"))
    assert (said.subject, said.client_id, said.family_id) == ("someone", "an-app", "a-family")
    assert said.scopes == {"events:read", "actors:read"}
    assert verify(signed()).subject == "someone"


PUBLIC = PRIVATE.public_key()
NESTED = b"[" * 2_000 + b"]" * 2_000
NOW = int(time.time())
HOSTILE = {
    "no algorithm": signed(alg="none"),
    "no algorithm, no signature": signed(alg="none").rsplit(".", 1)[0] + ".",
    "no signature": signed().rsplit(".", 1)[0] + ".",
    "algorithm spelt otherwise": signed(alg="es256"),
    "algorithm as a list": signed(alg=["ES256"]),
    "HS256 with the public key in PEM": hs256(PUBLIC.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)),
    "HS256 with the public key in DER": hs256(PUBLIC.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)),
    "HS256 that claims ES256": hs256(PUBLIC.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo), alg="ES256"),
    "another's key under our name": signed(private=OTHER),
    "ours under another's name": signed(kid="second"),
    "unknown key": signed(kid="../../etc/passwd"),
    "key as a number": signed(kid=1),
    "no key named": signed(kid=...),
    "key brought along": signed(jwk=public_jwk(OTHER), private=OTHER),
    "key to be fetched": signed(jku="https://evil.example/jwks.json"),
    "certificate to be fetched": signed(x5u="https://evil.example/cert.pem"),
    "critical extension": signed(crit=["exp"]),
    "an ID token": signed(typ="JWT"),
    "no type": signed(typ=...),
    "type as a number": signed(typ=7),
    "no audience": signed(claims(aud=...)),
    "no expiry": signed(claims(exp=...)),
    "no issuer": signed(claims(iss=...)),
    "no subject": signed(claims(sub=...)),
    "no issue date": signed(claims(iat=...)),
    "no client": signed(claims(client_id=...)),
    "another audience": signed(claims(aud="https://other.example")),
    "several audiences": signed(claims(aud=[BASE, "https://other.example"])),
    "another issuer": signed(claims(iss="https://other.example")),
    "ended": signed(claims(iat=NOW - 700, exp=NOW - 100)),
    "too long a life": signed(claims(exp=NOW + 86_400)),
    "from the future": signed(claims(iat=NOW + 300, exp=NOW + 500)),
    "expiry as a string": signed(claims(exp=str(NOW + 500))),
    "expiry as a fraction": signed(claims(exp=NOW + 500.5)),
    "expiry beyond numbers": signed(json.dumps(claims()).replace(str(claims()["exp"]), "1e999").encode()),
    "expiry true": signed(claims(exp=True)),
    "not yet": signed(claims(nbf=NOW + 300)),
    "subject as an object": signed(claims(sub={"id": 1})),
    "claims as a list": signed([1, 2]),
    "claims as text": signed(b"not json"),
    "nested bomb": signed(NESTED),
    "nested bomb in the header": f"{b64(NESTED)[:3000]}.e30.{'A' * 86}",
    "header as a list": f"{b64(b'[]')}.e30.{'A' * 86}",
    "signature of zeros": signed().rsplit(".", 1)[0] + "." + b64(bytes(64)),
    "one megabyte": signed(claims(scope="x" * 1_000_000)),
    "just over four kilobytes": signed(claims(scope="x" * 4_096)),
    "a fourth part": signed() + ".AAAA",
    "padding": signed() + "==",
    "a space": " " + signed(),
    "a line": signed() + "\n",
    "not ASCII": "é" + signed()[1:],
    "half a character": "\ud800",
    "nothing": "",
}


@pytest.mark.parametrize("token", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_hostile_token_is_refused(token: str):
    assert refused(token)


@given(st.text(max_size=300))
def test_garbage_is_refused(token: str):
    assert refused(token)


@given(st.binary(max_size=80), st.binary(max_size=200), st.binary(min_size=64, max_size=64))
def test_garbage_in_the_form_of_a_token_is_refused(header: bytes, payload: bytes, signature: bytes):
    assert refused(f"{b64(header)}.{b64(payload)}.{b64(signature)}")


SIMPLE = st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20)
JSON = st.recursive(SIMPLE, st.lists, max_leaves=5)


@given(st.sampled_from([*claims()]), JSON)
def test_a_claim_of_another_type_or_value_never_fails_otherwise(name: str, value: object):
    try:
        said = verify(signed(json.dumps(claims(**{name: value})).encode()))
    except jwt.BadToken:
        return
    assert name in {"sub", "client_id", "sid", "jti", "scope", "exp", "iat"}
    assert isinstance(value, str | int)
    assert said.kid == "ours"


@given(st.integers(0, len(signed()) - 1), st.characters(codec="ascii"))
def test_a_token_changed_anywhere_is_refused(place: int, put: str):
    token = signed()
    changed = token[:place] + put + token[place + 1 :]
    header, payload, signature = (changed + "...").split(".")[:3]
    is_same = (header, payload) == tuple(token.split(".")[:2]) and _same(signature, token)
    if changed == token or is_same:
        return
    assert refused(changed)


def _same(signature: str, token: str) -> bool:
    """The last character of a signature holds unused bits: another may stand for the same bytes."""
    try:
        return base64.urlsafe_b64decode(signature + "==") == base64.urlsafe_b64decode(token.split(".")[2] + "==")
    except ValueError:
        return False


def test_checked_tokens_are_remembered_until_they_end_and_never_too_many():
    store, said = jwt.VerifiedTokens(most=2), verify(signed())
    for name in "abc":
        store.keep(name, said)
    assert len(store) == 2
    assert store.get("a", said.issued_at) is None
    assert store.get("c", said.issued_at) is said
    assert store.get("c", said.expires_at) is None
    assert len(store) == 1
