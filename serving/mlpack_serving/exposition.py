"""The counters as text for Prometheus (its text exposition format 0.0.4)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate

from mlpack_serving.metrics import CODES, ROWS, SECONDS, Histogram, Metrics, Reading
from mlpack_serving.provenance import Provenance

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"

#: Every metric: its type, and what it tells.
METRICS = {
    "mlpack_requests_total": ("counter", "requests that were answered"),
    "mlpack_request_duration_seconds": ("histogram", "time from a request's coming to its answer"),
    "mlpack_requests_in_flight": ("gauge", "requests that have come and are not answered yet"),
    "mlpack_queue_depth": ("gauge", "requests that wait for the model"),
    "mlpack_queue_wait_seconds": ("histogram", "time that a request waited for the model"),
    "mlpack_prediction_duration_seconds": ("histogram", "time that a call of the model took"),
    "mlpack_batch_rows": ("histogram", "rows in a call of the model"),
    "mlpack_model_load_seconds": ("gauge", "time that loading the model took"),
    "mlpack_model_info": ("gauge", "the model that is served; always 1"),
    "mlpack_workers": ("gauge", "processes that are to answer requests"),
    "mlpack_worker_restarts_total": ("counter", "workers that were started in place of others that died"),
    "mlpack_reloads_total": ("counter", "other versions of the model that were served, or refused"),
}


def expose(metrics: Metrics, routes: Sequence[str], model: Provenance) -> bytes:
    """All metrics; ``routes`` are the names of the routes by their numbers."""
    reading = metrics.read()
    samples = dict(_samples(reading, routes)) | {
        "mlpack_model_load_seconds": [("", {}, model.load_seconds)],
        "mlpack_model_info": [("", model.labels, 1)],
        "mlpack_workers": [("", {}, metrics.workers)],
    }
    lines = [line for name in METRICS for line in _metric(name, samples[name])]
    return "".join(lines).encode()


_Sample = tuple[str, Mapping[str, str], float]


def _samples(reading: Reading, routes: Sequence[str]) -> Iterator[tuple[str, list[_Sample]]]:
    requests = {
        (routes[route], str(CODES[code]) if code < len(CODES) else "other"): histogram
        for (route, code), histogram in reading.requests.items()
    }
    labelled = [({"route": route, "code": code}, histogram) for (route, code), histogram in requests.items()]
    yield "mlpack_requests_total", [("", labels, sum(histogram[:-1])) for labels, histogram in labelled]
    durations = [sample for labels, histogram in labelled for sample in _histogram(histogram, SECONDS, labels)]
    yield "mlpack_request_duration_seconds", durations
    yield "mlpack_requests_in_flight", [("", {}, reading.in_flight)]
    yield "mlpack_queue_depth", [("", {}, reading.queued)]
    yield "mlpack_queue_wait_seconds", list(_histogram(reading.waits, SECONDS))
    yield "mlpack_prediction_duration_seconds", list(_histogram(reading.predictions, SECONDS))
    yield "mlpack_batch_rows", list(_histogram(reading.batches, ROWS))
    yield "mlpack_worker_restarts_total", [("", {}, reading.restarts)]
    outcomes = {"served": reading.reloads, "refused": reading.refusals}
    yield "mlpack_reloads_total", [("", {"outcome": name}, count) for name, count in outcomes.items()]


def _histogram(
    histogram: Histogram, bounds: Sequence[float], labels: Mapping[str, str] | None = None
) -> Iterator[_Sample]:
    labels = labels or {}
    counts = list(accumulate(histogram[:-1]))
    for bound, count in zip((*map(str, bounds), "+Inf"), counts, strict=True):
        yield "_bucket", {**labels, "le": bound}, count
    yield "_sum", labels, histogram[-1]
    yield "_count", labels, counts[-1]


def _metric(name: str, samples: Sequence[_Sample]) -> Iterator[str]:
    kind, text = METRICS[name]
    yield f"# HELP {name} {text}\n# TYPE {name} {kind}\n"
    for suffix, labels, value in samples:
        told = ",".join(f'{label}="{_escaped(said)}"' for label, said in labels.items())
        yield f"{name}{suffix}{{{told}}} {value:.17g}\n" if told else f"{name}{suffix} {value:.17g}\n"


def _escaped(value: str) -> str:
    return value.replace("\\", r"\\").replace('"', r"\"").replace("\n", r"\n")
