"""Figures of a running `monitor run` for Prometheus, and whether it is well: over HTTP, on this machine alone.

In: what each round came to, and the store. Out: /metrics and /healthz on loopback. What would surprise: the backlog,
workers and questions to registries are read from the store at each request, so they are those of all workers; rounds
and checks are this process's own. No label ever holds a host, URL, provider or address: every one is a word of ours.
"""

import threading
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from socket import AF_INET, AF_INET6

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.exposition import choose_encoder
from prometheus_client.registry import Collector

from monitor.clock import now
from monitor.config import Settings
from monitor.errors import ConfigError, RefusedForNow, StoreError
from monitor.model.observation import CheckCounts
from monitor.store import Store, overview

WELL = "ok"
_OUTCOMES = ("online", "offline", "inconclusive", "void")
_SECONDS = (1, 5, 15, 30, 60, 90, 120, 180, 300, 600)


class Metrics:
    """Counts what `run` does, and answers for it. `ended` and `warned` are called by the loop's thread alone."""

    def __init__(self, db: Store, settings: Settings) -> None:
        """Raises StoreError: what the database counts from has to be known."""
        self._db = db
        self._allowed = timedelta(seconds=2 * settings.checks.run_seconds + 300)  # a run, canaries, as much again
        self._heard_at = now()
        kept = self.registry = CollectorRegistry(auto_describe=False)
        self._checks = Counter("monitor_checks", "Checks made, by outcome.", ["outcome"], registry=kept)
        self._rounds = Counter("monitor_rounds", "Rounds of checks, by how they went.", ["went"], registry=kept)
        self._gets = Counter("monitor_gets", "Checks in which a GET of one byte was made.", registry=kept)
        self._warnings = Counter("monitor_warnings", "Warnings in the log.", registry=kept)
        took = "How long a round took, canaries included."
        self._seconds = Histogram("monitor_round_seconds", took, buckets=_SECONDS, registry=kept)
        self._ended = Gauge("monitor_round_ended_timestamp_seconds", "When the last round ended.", registry=kept)
        for word in _OUTCOMES:
            self._checks.labels(word)
        for word in ("well", "void"):
            self._rounds.labels(word)
        self.registry.register(_FromStore(db, timedelta(minutes=settings.operation.late_minutes)))

    def ended(self, last: CheckCounts, at: datetime) -> None:
        """A round has ended at that time; one in which nothing was due counts as a sign of life alone."""
        self._heard_at = at
        if not last.due:
            return
        for word in _OUTCOMES:
            self._checks.labels(word).inc(getattr(last, word))
        self._gets.inc(last.gets)
        self._rounds.labels("void" if last.void == last.due else "well").inc()
        self._ended.set(at.timestamp())
        try:
            runs = overview.runs_lately(self._db, 1)
        except StoreError:
            return  # the loop itself will say so
        if runs.newest_started_at is not None and runs.newest_ended_at is not None:
            self._seconds.observe((runs.newest_ended_at - runs.newest_started_at).total_seconds())

    def warned(self) -> None:
        """Something was said that somebody should read."""
        self._warnings.inc()

    def health(self) -> str:
        """`ok`; `database`: it does not answer; `late`: checks are due and no round has ended for too long."""
        moment = now()
        try:
            work = overview.backlog(self._db, moment, self._allowed)
        except StoreError:
            return "database"
        return "late" if work.n_late and moment - self._heard_at > self._allowed else WELL


class _FromStore(Collector):
    """What is read at each request. Where the database does not answer, that is the one thing said."""

    def __init__(self, db: Store, late: timedelta) -> None:
        self._db, self._late = db, late
        self._first_answer = overview.newest_answer(db)
        self._n_errors = 0
        self._lock = threading.Lock()

    def collect(self) -> Iterable[Metric]:
        try:
            found = [*self._backlog(), *self._registries(), *self._workers()]
        except StoreError:
            found = []
            with self._lock:
                self._n_errors += 1
        yield _gauge("monitor_database_up", "Whether the database answered just now.", float(bool(found)))
        errors = CounterMetricFamily("monitor_database_errors", "Requests that the database did not answer.")
        errors.add_metric([], self._n_errors)
        yield errors
        yield from found

    def _backlog(self) -> Iterator[Metric]:
        moment = now()
        work = overview.backlog(self._db, moment, self._late)
        oldest = 0.0 if work.oldest_due_at is None else max(0.0, (moment - work.oldest_due_at).total_seconds())
        yield _gauge("monitor_targets_watched", "Targets that a check is planned for.", work.n_watched)
        yield _gauge("monitor_checks_due", "Checks that are due now.", work.n_due)
        yield _gauge("monitor_checks_late", "Checks due for longer than [operation] late_minutes.", work.n_late)
        yield _gauge("monitor_oldest_due_seconds", "For how long the first of them has been due.", oldest)

    def _registries(self) -> Iterator[Metric]:
        asked = CounterMetricFamily(
            "monitor_registrations", "Questions to registries since the start.", labels=["status"]
        )
        for status, n in sorted(overview.answers_after(self._db, self._first_answer).items()):
            asked.add_metric([status], n)
        yield asked

    def _workers(self) -> Iterator[Metric]:
        seen = overview.workers_now(self._db)
        workers = GaugeMetricFamily("monitor_workers", "Workers that have not ended, by heartbeat.", labels=["state"])
        workers.add_metric(["alive"], seen.n_alive)
        workers.add_metric(["silent"], seen.n_silent)
        yield workers


@contextmanager
def served(metrics: Metrics, host: str, port: int) -> Iterator[int]:
    """Answer on loopback in a thread meanwhile; gives the port. Raises ConfigError where it is taken."""
    try:
        server = _server(host)((host, port), _handler(metrics))
    except OSError as error:
        hint = "Choose a free one above 1023, or 0 to show nothing"
        raise RefusedForNow(f"[operation] metrics_port cannot be used ({error.strerror})", hint) from None
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.1}, daemon=True, name="metrics")
    thread.start()
    try:
        yield server.server_address[1]
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _server(host: str) -> type[ThreadingHTTPServer]:
    if host not in ("127.0.0.1", "::1"):
        raise ConfigError("[operation] metrics_host is not this machine", "Write 127.0.0.1 or ::1")

    class Server(ThreadingHTTPServer):
        daemon_threads = True
        address_family = AF_INET6 if ":" in host else AF_INET

        def handle_error(self, request: object, client_address: object) -> None:
            """Who hung up before the answer is nobody's business; the base class prints a traceback."""

    return Server


def _handler(metrics: Metrics) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        timeout = 10  # seconds: who says nothing is not waited for

        def do_GET(self) -> None:
            if self.path == "/healthz":
                word = metrics.health()
                self._answer(200 if word == WELL else 503, "text/plain; charset=utf-8", f"{word}\n".encode())
            elif self.path == "/metrics":
                encode, kind = choose_encoder(self.headers.get("Accept", ""))
                self._answer(200, kind, encode(metrics.registry))
            else:
                self._answer(404, "text/plain; charset=utf-8", b"/metrics or /healthz\n")

        def _answer(self, status: int, kind: str, body: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def version_string(self) -> str:
            return "monitor"

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (the base class names it so)
            """Who asked is nobody's business."""

    return Handler


def _gauge(name: str, said: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, said, value=value)
