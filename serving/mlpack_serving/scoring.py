"""From the bytes of a request to the bytes of its answer, for one model. Knows nothing of HTTP or of event loops."""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import suppress
from dataclasses import dataclass, fields
from time import perf_counter
from typing import Any

import orjson

from mlpack.errors import (
    InvalidInput,
    MalformedPayload,
    MlpackError,
    PredictionFailed,
    UnsupportedMediaType,
    UnwritableAnswer,
)
from mlpack.payloads import Limits, Payload, decode, encode_arrow, encode_json
from mlpack.payloads.cells import CellReader, Cells
from mlpack.payloads.joining import count_rows, join, split
from mlpack.payloads.json_body import checked_params
from mlpack.payloads.json_text import parse_json
from mlpack.payloads.media import ARROW_STREAM, JSON, media_type
from mlpack.pyfunc import PyFuncModel
from mlpack_serving.body import decompress
from mlpack_serving.errors import ModelBroken, NotAcceptable, model_message
from mlpack_serving.exchange import Run
from mlpack_serving.json_schemas import REALS
from mlpack_serving.settings import Settings

EVENT_STREAM = "text/event-stream"
#: Without this in it, no body asks for a stream.
STREAM = b'"stream"'
#: The largest body that is read in the event loop, in which it holds up others for some 0.1 ms.
PLAIN_BYTES = 16 * 2**10


@dataclass(frozen=True)
class Request:
    """One request to predict: its body as it came, and what its headers say of it and of the answer."""

    body: bytes
    content_type: str | None
    encoding: str = "identity"
    accept: str = "*/*"


@dataclass(frozen=True)
class Answer:
    """The body of an answer."""

    body: bytes
    content_type: str = JSON


@dataclass(frozen=True)
class Stream:
    """An answer in pieces of JSON. The ``first`` is made already, so that what fails before it still gets a status."""

    first: bytes | None
    rest: Generator[bytes, None, None]


class Scorer:
    """Answers requests with one model; see :meth:`answer`."""

    def __init__(self, model: PyFuncModel, settings: Settings) -> None:
        self._model = model
        self._settings = settings
        self._limits = Limits(**{limit.name: getattr(settings, limit.name) for limit in fields(Limits)})
        manifest = model.metadata
        schema = None if manifest.is_signature_from_type_hint else manifest.get_input_schema()
        self._cells = CellReader.of(schema, self._limits)
        self._example_works: bool | None = None

    def answer(self, request: Request, run: Run) -> Answer | Stream:
        """Read, check, predict, write; ``run`` gets to know when each was done, and of how many rows.

        Raises:
            InvalidInput: the request's fault; PredictionFailed where the model says so.
            ModelBroken: the model's or the machine's fault.
        """
        run.begin()
        body = decompress(request.body, request.encoding, self._settings)
        payload = self.read(body, request.content_type)
        streams = self._asks_to_stream(body, request)
        run.read, run.rows = perf_counter(), count_rows(payload.data)
        try:
            return self._stream(payload) if streams else self._answer_at_once(request, payload, run)
        finally:
            run.end()

    def _answer_at_once(self, request: Request, payload: Payload, run: Run) -> Answer:
        predictions = self._predict(payload.data, payload.params)
        run.predicted = perf_counter()
        if ARROW_STREAM in request.accept:
            return Answer(_arrow(predictions), ARROW_STREAM)
        return Answer(encode_json(predictions, wrapped=payload.wrapped))

    def read(self, body: bytes, content_type: str | None) -> Payload:
        """The input and params of a body, held against the signature; raises InvalidInput for what does not fit."""
        if self._cells is not None and len(body) <= PLAIN_BYTES and media_type(content_type) == JSON:
            cells = self._cells.read(body)
            if cells is not None:
                return Payload(cells, checked_params(None, self._model.metadata))
        return decode(body, content_type, self._model.metadata, self._limits)

    def is_plain(self, request: Request) -> bool:
        """Whether a request is of the usual kind: small, not compressed, and to be answered with JSON at once."""
        return (
            len(request.body) <= PLAIN_BYTES
            and request.encoding == "identity"
            and ARROW_STREAM not in request.accept
            and not self._asks_to_stream(request.body, request)
        )

    def answer_together(self, payloads: Sequence[Payload], run: Run) -> list[bytes | BaseException]:
        """For each payload the JSON of its answer, or what it raised. They have one likeness and equal params.

        ``run`` gets to know when they were predicted. All are predicted at once. Where that fails, or does not answer
        row by row, each is predicted alone, so that no request fails for another's fault.
        """
        if len(payloads) > 1:
            with suppress(BaseException):  # whatever it is, it comes again from the one whose it is
                predictions = self._model.predict_checked(join([each.data for each in payloads]), payloads[0].params)
                parts = split(predictions, [count_rows(each.data) for each in payloads])
                run.predicted = perf_counter()
                if parts is not None:
                    return [encode_json(part, wrapped=each.wrapped) for part, each in zip(parts, payloads, strict=True)]
        return [self._answer_alone(each, run) for each in payloads]

    def _answer_alone(self, payload: Payload, run: Run) -> bytes | BaseException:
        try:
            predictions = self._predict(payload.data, payload.params)
            run.predicted = perf_counter()
            return encode_json(predictions, wrapped=payload.wrapped)
        except BaseException as error:  # noqa: BLE001  it is told to the one whose request it is
            return error

    def serving_example(self) -> bytes | None:
        """The body of the request that was stored with the model as an example, or None."""
        return self._model.serving_example()

    def takes_gaps(self) -> bool:
        """Whether the model predicts on the first row of its example when numbers in it are missing."""
        schema, example = self._model.metadata.get_input_schema(), self.serving_example()
        split = orjson.loads(example or b"{}").get("dataframe_split")
        if schema is None or split is None:
            return False
        reals = [each.type in REALS for each in schema.columns]
        row = [None if real else cell for real, cell in zip(reals, split["data"][0], strict=False)]
        body = orjson.dumps({"dataframe_split": {**split, "data": [row]}})
        try:
            payload = self.read(body, JSON)
            self._predict(payload.data, payload.params)
        except (InvalidInput, PredictionFailed):
            return False
        return True

    def _predict(self, data: Any, params: dict[str, Any] | None) -> Any:
        try:
            return self._model.predict_checked(data.table() if type(data) is Cells else data, params)
        except InvalidInput:  # the model's own check of its input, by its type hints
            raise
        except BaseException as error:  # whatever a model raises must not end the server
            raise self._blame(error) from error

    def _stream(self, payload: Payload) -> Stream:
        if not self._model.can_stream:
            raise MalformedPayload(
                "this model does not stream: it has no predict_stream",
                tip=f'leave out "stream": true and Accept: {EVENT_STREAM}',
            )
        pieces = self._pieces(payload)
        return Stream(next(pieces, None), pieces)

    def _pieces(self, payload: Payload) -> Generator[bytes, None, None]:
        try:
            for piece in self._model.stream_checked(payload.data, payload.params):
                yield encode_json(piece, wrapped=False)
        except (InvalidInput, GeneratorExit):
            raise
        except BaseException as error:
            raise self._blame(error) from error

    def _blame(self, error: BaseException) -> PredictionFailed:
        """Whose fault an exception of the model is: the request's, unless it is the machine's, or the model fails on
        its own example too."""
        ours = isinstance(error, OSError | MemoryError) or not self._works_on_example()
        return (ModelBroken if ours else PredictionFailed)(model_message(error))

    def _works_on_example(self) -> bool:
        """Whether the model predicts on its stored example: tried once, when it is first in doubt."""
        if self._example_works is None:
            self._example_works = self._try_example()
        return self._example_works

    def _try_example(self) -> bool:
        try:
            example = self._model.stored_example()
            if example is not None:
                self._model.predict(*example)
        except MlpackError:  # says nothing of the model: the example does not fit, or cannot be read
            return True
        except BaseException:  # noqa: BLE001  any other is the answer
            return False
        return True

    def _asks_to_stream(self, body: bytes, request: Request) -> bool:
        """Whether events are all that is accepted, or a JSON body has ``"stream": true`` at its top level."""
        if EVENT_STREAM in request.accept and JSON not in request.accept and "*/*" not in request.accept:
            return True
        if STREAM not in body or media_type(request.content_type) != JSON:
            return False
        content = parse_json(body, self._limits)
        return isinstance(content, dict) and content.get("stream") is True


def _arrow(predictions: Any) -> bytes:
    try:
        return encode_arrow(predictions)
    except (UnwritableAnswer, UnsupportedMediaType) as error:
        raise NotAcceptable(str(error), tip=error.tip or "leave out Accept, for JSON") from error
