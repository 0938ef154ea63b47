"""Bearer tokens: which count, whatever they say of themselves."""

from __future__ import annotations

import base64
import hmac
import json
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from jwt.algorithms import ECAlgorithm, OKPAlgorithm, RSAAlgorithm

from mlpack.errors import InvalidArgument
from mlpack_serving import watched
from mlpack_serving.errors import Unauthenticated
from mlpack_serving.settings import Settings
from mlpack_serving.tokens import Tokens

RSA = rsa.generate_private_key(65537, 2048)
EC = ec.generate_private_key(ec.SECP256R1())
ED = ed25519.Ed25519PrivateKey.generate()
WEAK = rsa.generate_private_key(65537, 1024)  # noqa: S505
STRANGER = rsa.generate_private_key(65537, 2048)
NOW = int(time.time())
CLAIMS = {"iss": "https://id.example", "aud": "mlpack", "sub": "alice", "exp": NOW + 86400, "nbf": NOW - 5}
JWKS = [
    RSAAlgorithm.to_jwk(RSA.public_key(), as_dict=True) | {"kid": "r", "use": "sig"},
    ECAlgorithm.to_jwk(EC.public_key(), as_dict=True) | {"kid": "e", "alg": "ES256"},
    OKPAlgorithm.to_jwk(ED.public_key(), as_dict=True) | {"kid": "o"},
    {"kty": "oct", "k": "c2VjcmV0", "kid": "h", "alg": "HS256"},  # of no use here
]
PEM = RSA.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)

#: ``tokens([JWK, ...])``: what checks tokens against these keys.
Make = Callable[..., Tokens]


@pytest.fixture
def tokens(tmp_path: Path) -> Make:
    def make(keys: list[dict[str, Any]] = JWKS) -> Tokens:
        file = tmp_path / "jwks.json"
        file.write_text(json.dumps({"keys": keys}))
        return Tokens(Settings(jwks_file=str(file), jwt_issuer="https://id.example", jwt_audience="mlpack"))

    return make


def token(key: Any = RSA, algorithm: str = "RS256", kid: str | None = "r", **claims: Any) -> str:
    """A signed token; a claim that is None is left out."""
    said = {name: value for name, value in (CLAIMS | claims).items() if value is not None}
    return jwt.encode(said, key, algorithm, headers={"kid": kid} if kid else {})


def hand_made(header: dict[str, Any], claims: dict[str, Any] = CLAIMS, secret: bytes = b"") -> str:
    """A token that no library would make; signed by HMAC where there is a secret."""
    said = ".".join(_text(json.dumps(part).encode()) for part in (header, claims))
    return f"{said}.{_text(hmac.digest(secret, said.encode(), 'sha256') if secret else b'')}"


def _text(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@pytest.mark.parametrize(
    ("key", "algorithm", "kid"), [(RSA, "RS256", "r"), (RSA, "PS512", "r"), (EC, "ES256", "e"), (ED, "EdDSA", "o")]
)
def test_a_token_of_each_kind_of_key_counts_until_it_expires(tokens: Make, key: Any, algorithm: str, kid: str) -> None:
    name, left = tokens().check(token(key, algorithm, kid))
    assert name == "alice"
    assert left == pytest.approx(NOW + 86400 + 10 - time.time(), abs=5)


def test_a_token_may_be_for_several_and_need_not_say_since_when(tokens: Make) -> None:
    assert tokens().check(token(aud=["other", "mlpack"], nbf=None))[0] == "alice"


def test_a_token_need_not_name_the_key_where_there_is_one_only(tokens: Make) -> None:
    assert tokens(JWKS[:1]).check(token(kid=None))[0] == "alice"
    with pytest.raises(Unauthenticated, match="no key that is known"):
        tokens().check(token(kid=None))


WRONG: dict[str, tuple[str, str]] = {
    "expired": (token(exp=NOW - 60), "it has expired"),
    "of tomorrow": (token(nbf=NOW + 86400), "its time has not come"),
    "issued tomorrow": (token(iat=NOW + 86400), "its time has not come"),
    "for others": (token(aud="other"), "it is for another audience"),
    "of others": (token(iss="https://evil.example"), "it is from another issuer"),
    "without an end": (token(exp=None), "it must have exp, iss, aud and sub"),
    "for nobody": (token(aud=None), "it must have exp, iss, aud and sub"),
    "of nobody": (token(iss=None), "it must have exp, iss, aud and sub"),
    "about nobody": (token(sub=None), "it must have exp, iss, aud and sub"),
    "about a number": (hand_made({"alg": "RS256", "kid": "r"}, {"sub": 7}), "no key that is known"),
    "signed by a stranger": (token(STRANGER), "no key that is known here has signed it"),
    "of a key that is not there": (token(kid="x"), "no key that is known here has signed it"),
    "of a symmetric key": (token(b"secret" * 8, "HS256", "h"), "no key that is known here has signed it"),
    "not signed": (hand_made({"alg": "none", "kid": "r"}), "its algorithm is not one of its key"),
    "Not signed": (hand_made({"alg": "nOnE", "kid": "r"}), "its algorithm is not one of its key"),
    "signed with a public key": (
        hand_made({"alg": "HS256", "kid": "r"}, CLAIMS, PEM), "its algorithm is not one of its key",
    ),
    "of the wrong kind for its key": (token(RSA, "RS256", "e"), "its algorithm is not one of its key"),
    "of an algorithm that its key is not for": (token(EC, "ES256", "o"), "its algorithm is not one of its key"),
    "bringing its own key": (
        jwt.encode(CLAIMS, STRANGER, "RS256", headers={"kid": "r", "jwk": JWKS[0], "jku": "https://evil.example"}),
        "no key that is known here has signed it",
    ),
    "critical": (hand_made({"alg": "RS256", "kid": "r", "crit": ["x"], "x": 1}), "it cannot be read"),
    "no JSON": ("a.b.c", "it cannot be read"),
    "empty": ("..", "it cannot be read"),
    "deep": (base64.urlsafe_b64encode(b"[" * 9000).decode() + ".e30.", "it cannot be read"),
    "of a key with a list for a name": (hand_made({"alg": "RS256", "kid": ["r"]}), "it cannot be read"),
}  # fmt: skip


@pytest.mark.parametrize(("sent", "why"), WRONG.values(), ids=WRONG)
def test_a_token_that_does_not_count_is_told_why_and_nothing_of_what_it_says(tokens: Make, sent: str, why: str) -> None:
    with pytest.raises(Unauthenticated) as caught:
        tokens().check(sent)
    assert str(caught.value).startswith(f"the token does not count: {why}")


def test_a_token_that_was_changed_does_not_count(tokens: Make) -> None:
    head, claims, signature = token().split(".")
    other = token(sub="root").split(".")[1]
    with pytest.raises(Unauthenticated, match="no key that is known here has signed it"):
        tokens().check(f"{head}.{other}.{signature}")
    assert tokens().check(f"{head}.{claims}.{signature}")


def test_a_new_key_counts_and_an_old_one_does_not(tokens: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watched, "LOOK_SECONDS", -1.0)
    check = tokens().check
    fresh = RSAAlgorithm.to_jwk(STRANGER.public_key(), as_dict=True) | {"kid": "new"}
    tokens([fresh])
    assert check(token(STRANGER, kid="new"))[0] == "alice"
    with pytest.raises(Unauthenticated):
        check(token())


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("{", "this is not a JWKS"),
        ("[]", "this is not a JWKS"),
        ('{"keys": [7]}', "this is not a JWKS"),
        ('{"keys": [{}]}', "this is not a JWKS"),
        ('{"keys": [{"kty": "RSA", "n": "x"}]}', "this is not a JWKS"),
        ('{"keys": []}', "no key of a kind that is taken"),
        (json.dumps({"keys": JWKS[3:]}), "no key of a kind that is taken"),
        (json.dumps({"keys": [RSAAlgorithm.to_jwk(RSA, as_dict=True)]}), "a private key"),
        (
            json.dumps({"keys": [RSAAlgorithm.to_jwk(WEAK.public_key(), as_dict=True)]}),
            "less than 2048 bits",
        ),
    ],
)
def test_a_file_that_is_no_set_of_public_keys_is_refused(tmp_path: Path, content: str, message: str) -> None:
    file = tmp_path / "jwks.json"
    file.write_text(content)
    with pytest.raises(InvalidArgument, match=message):
        Tokens(Settings(jwks_file=str(file), jwt_issuer="x", jwt_audience="y"))


def test_tokens_need_an_issuer_and_an_audience(tmp_path: Path) -> None:
    (tmp_path / "jwks.json").write_text(json.dumps({"keys": JWKS}))
    with pytest.raises(InvalidArgument, match="needs --jwt-issuer and --jwt-audience"):
        Tokens(Settings(jwks_file=str(tmp_path / "jwks.json"), jwt_issuer="x"))
