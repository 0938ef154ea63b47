"""The calls that both halves of the REST store are made of: one call, all pages, and which refusal means what."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, TypeVar
from urllib.parse import quote

from mlpack.errors import AlreadyInStore, InvalidArgument, MlpackError, NotInStore, StoreFailure
from mlpack.stores.rest.refusals import MlflowRefusal
from mlpack.stores.rest.session import Session

T = TypeVar("T")
_API = "/api/2.0/mlflow"
#: A listing of more pages is taken for one without end.
_MOST_PAGES = 10_000


class Client:
    """Calls of one server's API."""

    def __init__(self, session: Session) -> None:
        self.session = session

    def get(self, path: str, **query: str | int | Sequence[str] | None) -> dict[str, Any]:
        """Ask by query."""
        return self.session.json("GET", _API + path, query=query)

    def send(
        self, path: str, body: Mapping[str, Any], *, method: str = "POST", repeatable: bool = True
    ) -> dict[str, Any]:
        """Send a body, in which what is None is left out."""
        given = {key: value for key, value in body.items() if value is not None}
        return self.session.json(method, _API + path, body=given, repeatable=repeatable)

    def pages(
        self, ask: Callable[[str | None], dict[str, Any]], key: str, token: str | None = None
    ) -> Iterator[tuple[list[Any], str | None]]:
        """What stands under ``key`` on each page from a token on, with the next token, by which ``ask`` gets a page.

        Raises:
            StoreFailure: there is no end of them.
        """
        for _ in range(_MOST_PAGES):
            page = ask(token)
            before, token = token, page.get("next_page_token") or None
            yield list(page.get(key, ())), token
            if token is None:
                return
            if token == before:
                break
        raise StoreFailure(f"{self.session.server} tells pages of {key} without end")

    def listed(self, ask: Callable[[str | None], dict[str, Any]], key: str) -> list[Any]:
        """What stands under ``key`` on all pages."""
        return [entry for entries, _ in self.pages(ask, key) for entry in entries]


@contextlib.contextmanager
def about(kind: str, name: str, *, absent: tuple[str, ...] = ("RESOURCE_DOES_NOT_EXIST",)) -> Iterator[None]:
    """Turn the server's codes into our exceptions; ``absent`` are those that say that it is not there.

    An answer in which something is missing or of another type comes from no MLflow server, and is a StoreFailure too.
    """
    try:
        yield
    except MlflowRefusal as refusal:
        if refusal.code in absent:
            raise NotInStore(kind, name) from refusal
        if refusal.code == "RESOURCE_ALREADY_EXISTS":
            raise AlreadyInStore(kind, name) from refusal
        if refusal.code in ("INVALID_PARAMETER_VALUE", "BAD_REQUEST", "INVALID_STATE"):
            raise InvalidArgument(refusal.reason) from refusal
        raise StoreFailure(refusal.message, tip=refusal.tip) from refusal
    except MlpackError:
        raise
    except (KeyError, TypeError, ValueError, AttributeError) as error:
        raise StoreFailure(
            f"the server's answer about {kind} {name!r} cannot be understood ({error!r})",
            tip="check that the tracking URI names an MLflow server",
        ) from error


def segment(text: str) -> str:
    """A text as one segment of a path."""
    return quote(text, safe="")
