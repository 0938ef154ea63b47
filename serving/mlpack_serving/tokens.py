"""Bearer tokens: JSON Web Tokens, signed by somebody whose public keys are in a file (a JWKS, RFC 7517)."""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any

from mlpack.errors import InvalidArgument, MissingFramework
from mlpack_serving.errors import Unauthenticated
from mlpack_serving.settings import Settings
from mlpack_serving.watched import Watched, read_text

if TYPE_CHECKING:
    import jwt

_OPTION = "--jwks-file"
#: What each kind of public key may have signed. Nothing symmetric: whoever knows a public key could sign with it.
_ALGORITHMS = {
    "RSA": ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"),
    "P-256": ("ES256",),
    "P-384": ("ES384",),
    "P-521": ("ES512",),
    "Ed25519": ("EdDSA",),
    "Ed448": ("EdDSA",),
}
_LEAST_RSA_BITS = 2048
#: How much the clocks of two machines may differ, in seconds.
_LEEWAY = 10

#: By ``kid``: a key, and what it may have signed.
_Keys = Mapping["str | None", "tuple[jwt.PyJWK, tuple[str, ...]]"]


class Tokens:
    """Checks tokens against the keys of ``--jwks-file``, which are read anew when the file changes."""

    def __init__(self, settings: Settings) -> None:
        try:
            import jwt
            from cryptography.hazmat.primitives import hashes  # noqa: F401  without which PyJWT knows only HMAC
        except ImportError as error:
            raise MissingFramework("pyjwt[crypto]", needed_for=_OPTION, extra="jwt") from error
        if not (settings.jwt_issuer and settings.jwt_audience):
            raise InvalidArgument(f"{_OPTION} needs --jwt-issuer and --jwt-audience: whose tokens count, and for whom")
        self._jwt = jwt
        self._issuer = settings.jwt_issuer
        self._audience = settings.jwt_audience
        file = settings.jwks_file
        self._keys = Watched([file], lambda: self._read(read_text(file, _OPTION)))

    def check(self, token: str) -> tuple[str, float]:
        """Whose token it is (``sub``), and for how many seconds more it counts.

        Raises:
            Unauthenticated: it is not signed by one of the keys, not for us, not yet or no more valid, or says not
                whose it is or until when. ``nbf`` and ``iat`` are held against the clock where they are there.
        """
        jwt, keys = self._jwt, self._keys.get()
        try:
            name = jwt.get_unverified_header(token).get("kid")
            known = next(iter(keys.values())) if name is None and len(keys) == 1 else keys[name]
            key, algorithms = known  # the key decides what it may have signed, never the token
            claims = jwt.decode(
                token,
                key.key,
                algorithms=list(algorithms),
                issuer=self._issuer,
                audience=self._audience,
                leeway=_LEEWAY,
                options={"require": ["exp", "iss", "aud", "sub"]},
            )
            return claims["sub"], claims["exp"] + _LEEWAY - time.time()
        except Exception as error:  # whatever a stranger's bytes make of the libraries that read them
            why = next((why for kind, why in self._reasons() if isinstance(error, kind)), "it cannot be read")
            raise Unauthenticated(f"the token does not count: {why}", given=True) from error

    def _reasons(self) -> Iterable[tuple[type[Exception], str]]:
        """What is told of an error. Its own words may quote the token."""
        jwt = self._jwt
        return (
            (KeyError, "no key that is known here has signed it"),
            (jwt.InvalidSignatureError, "no key that is known here has signed it"),
            (jwt.InvalidAlgorithmError, "its algorithm is not one of its key"),
            (jwt.ExpiredSignatureError, "it has expired"),
            (jwt.ImmatureSignatureError, "its time has not come"),
            (jwt.InvalidAudienceError, "it is for another audience"),
            (jwt.InvalidIssuerError, "it is from another issuer"),
            (jwt.MissingRequiredClaimError, "it must have exp, iss, aud and sub"),
        )

    def _read(self, text: str) -> _Keys:
        try:
            found = [each for each in json.loads(text)["keys"] if each.get("use") != "enc"]
            keys = {each.get("kid"): known for each in found if (known := self._key(each))}
        except InvalidArgument:
            raise
        except (self._jwt.PyJWTError, ValueError, TypeError, KeyError, AttributeError) as error:
            raise InvalidArgument(f"{_OPTION}: this is not a JWKS") from error
        if not keys:
            raise InvalidArgument(f"{_OPTION}: it has no key of a kind that is taken here: {', '.join(_ALGORITHMS)}")
        return keys

    def _key(self, described: dict[str, Any]) -> tuple[jwt.PyJWK, tuple[str, ...]] | None:
        """A public key and its algorithms; None for one of a kind that is not taken."""
        algorithms = _ALGORITHMS.get(str(described.get("crv", described["kty"])), ())
        if said := described.get("alg"):
            algorithms = tuple(each for each in algorithms if each == said)
        if not algorithms:
            return None
        if "d" in described:
            raise InvalidArgument(f"{_OPTION}: there is a private key in it", tip="it needs the public ones alone")
        key = self._jwt.PyJWK(described, algorithms[0])
        if described["kty"] == "RSA" and key.key.key_size < _LEAST_RSA_BITS:
            raise InvalidArgument(f"{_OPTION}: an RSA key has less than {_LEAST_RSA_BITS} bits")
        return key, algorithms
