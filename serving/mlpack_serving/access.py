"""Who may ask for what: API keys, bearer tokens, certificates, and how much each caller may ask.

Where keys or tokens are set, everything needs one but the probes in :data:`OPEN`: what is not listed is not open.
"""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from mlpack.errors import InvalidArgument
from mlpack_serving.errors import Forbidden, Unauthenticated
from mlpack_serving.keys import digest_of, keys_of, owner_of
from mlpack_serving.rates import RateLimit, mark_of
from mlpack_serving.settings import Settings
from mlpack_serving.tls import certificates
from mlpack_serving.watched import LOOK_SECONDS

#: What probes ask, by GET or HEAD, without a key.
OPEN = frozenset({"/live", "/ping", "/health", "/ready"})
#: Where the routes are that steer the server; they need a key of their own.
CONTROL = "/control/"
#: How many callers are remembered, so that a key is hashed and a token verified once in :data:`LOOK_SECONDS`.
_CALLERS = 4096


@dataclass(frozen=True, slots=True)
class _Caller:
    """Somebody who is known: what it may do, by what its rate is counted, and until when (monotonic) this holds."""

    predicts: bool
    controls: bool
    mark: int
    until: float


class Access:
    """The keys, the tokens, the certificates and the rate of the settings.

    It is made before workers are forked, which share what it counts.

    Raises:
        MlpackError: a file cannot be used, an option lacks another that it needs, or PyJWT is not installed.
    """

    def __init__(self, settings: Settings) -> None:
        self._api_keys = keys_of(settings.api_keys_file, "--api-keys-file")
        self._control_keys = keys_of(settings.control_keys_file, "--control-keys-file")
        self._tokens = None
        if settings.jwks_file:
            from mlpack_serving.tokens import Tokens

            self._tokens = Tokens(settings)
        elif settings.jwt_issuer or settings.jwt_audience:
            raise InvalidArgument("--jwt-issuer and --jwt-audience need --jwks-file: the keys that sign tokens")
        #: Whether predictions, and all that is not open, need a key or a token.
        self.needed = self._api_keys is not None or self._tokens is not None
        #: Whether there are control routes.
        self.controlled = self._control_keys is not None
        self._rate = RateLimit(settings.rate_limit) if settings.rate_limit else None
        if self._rate and not self.needed:
            raise InvalidArgument("--rate-limit needs callers to tell apart: --api-keys-file or --jwks-file")
        self.certificates = certificates(settings)
        self._open = OPEN | {settings.health_route}
        # Found by a hash whose seed is secret, so that the time that takes tells nothing of a key.
        self._callers: dict[bytes, _Caller] = {}

    def check(self, method: str, path: str, headers: Mapping[bytes, bytes]) -> None:
        """Let a request pass, or raise Unauthenticated, Forbidden or RateLimited."""
        if self.asks(method, path):
            self.admit(credential_of(headers), control=self._steers(path))

    def asks(self, method: str, path: str) -> bool:
        """Whether such a request needs a key."""
        return self._steers(path) or (self.needed and not (path in self._open and method in ("GET", "HEAD")))

    def _steers(self, path: str) -> bool:
        return self.controlled and path.startswith(CONTROL)

    def admit(self, credential: bytes | None, *, control: bool = False) -> None:
        """Let the caller pass who has this key or token; the same errors."""
        caller = self._callers.get(credential or b"")
        if caller is None or caller.until < time.monotonic():
            caller = self._identify(credential)
        if not (caller.controls if control else caller.predicts):
            raise Forbidden(f"this key is {'not ' if control else ''}one for the control routes")
        if self._rate:
            self._rate.take(caller.mark)

    def _identify(self, credential: bytes | None) -> _Caller:
        if not credential:
            raise Unauthenticated("this needs a key", given=False)
        if len(self._callers) >= _CALLERS:
            self._callers.clear()
        caller = self._callers[credential] = self._owner(credential) or self._bearer(credential)
        return caller

    def _owner(self, key: bytes) -> _Caller | None:
        digest = digest_of(key)
        user = owner_of(digest, self._api_keys()) if self._api_keys else None
        operator = owner_of(digest, self._control_keys()) if self._control_keys else None
        name = user or operator
        if name is None:
            return None
        until = time.monotonic() + LOOK_SECONDS
        return _Caller(user is not None, operator is not None, mark_of(f"key {name}"), until)

    def _bearer(self, token: bytes) -> _Caller:
        if self._tokens is None or token.count(b".") != 2:
            raise Unauthenticated("this key is not known", given=True)
        name, left = self._tokens.check(token.decode("latin-1"))
        return _Caller(True, False, mark_of(f"token {name}"), time.monotonic() + min(left, LOOK_SECONDS))


def credential_of(headers: Mapping[bytes, bytes]) -> bytes | None:
    """The key or token that came with a request; None where there is none."""
    if key := headers.get(b"x-api-key"):
        return key.strip(b" \t")
    scheme, _, value = headers.get(b"authorization", b"").partition(b" ")
    return value.strip(b" \t") if scheme.lower() == b"bearer" else None
