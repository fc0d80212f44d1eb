"""Count for Prometheus how much happens and how fast, never who does what.

Labels are routes, platforms, walks and states: all of them few, and known before anything happens.
"""

from collections.abc import Mapping

import aiohttp
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, ProcessCollector, generate_latest

from bot.app.clock.clock_watch import ClockWatch, read_date_header
from storage import Figures

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.0, 3.0)
"""The last is Slack's patience (https://docs.slack.dev/apis/events-api/#responding)."""


class Metrics:
    """Of one process; each has a registry of its own."""

    def __init__(self, watch: ClockWatch) -> None:
        self._watch = watch
        self._all = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        self._dates: dict[str, str] = {}
        door = ["route"]
        self._requests = Counter("pulse_requests", "Answered requests", [*door, "result"], registry=registry)
        self._seconds = Histogram(
            "pulse_request_seconds", "Until a request was answered", door, buckets=SECONDS, registry=registry
        )
        self._refused = Counter("pulse_signature_failures", "Answered 401 or 403", door, registry=registry)
        self._repeated = Counter("pulse_retries_seen", "Sent again by the platform", door, registry=registry)
        self._heard = Counter(
            "pulse_platform_answers", "HTTP answers of platforms", ["platform", "status"], registry=registry
        )
        self._commit = Histogram(
            "pulse_commit_seconds", "Until a commit was done", buckets=SECONDS, registry=registry
        )
        self._commands = Counter("pulse_commands", "Commands written down", registry=registry)
        self._walks = Counter("pulse_walks", "What the ticks did", ["walk"], registry=registry)
        self._expired = Counter(
            "pulse_lease_expiries", "Deliveries of workers that vanished", registry=registry
        )
        self._gauges = {
            name: Gauge(f"pulse_{name}", text, registry=registry) for name, text in GAUGES.items()
        }
        self._states = Gauge("pulse_deliveries", "Deliveries by state", ["state"], registry=registry)

    def expect_route(self, route: str) -> None:
        """Show zeros for a route from the start: Prometheus sees no rise where a counter appears with its first count.

        See https://prometheus.io/docs/practices/instrumentation/#avoid-missing-metrics.
        """
        for outcome in RESULTS:
            self._requests.labels(route, outcome)
        for metric in (self._seconds, self._refused, self._repeated):
            metric.labels(route)

    def count_response(self, route: str, status: int, seconds: float, repeated: bool) -> None:
        """Count a request that was answered with that HTTP status. `repeated`: the platform sent it again."""
        self._requests.labels(route, result(status)).inc()
        self._seconds.labels(route).observe(seconds)
        if status in (401, 403):
            self._refused.labels(route).inc()
        if repeated:
            self._repeated.labels(route).inc()

    def observe_commit(self, seconds: float, commands: int) -> None:
        """Record how many commands the writer carried out in one transaction. Called on its thread."""
        self._commit.observe(seconds)
        self._commands.inc(commands)

    def count_tick(self, done: Mapping[str, int]) -> None:
        for walk, count in done.items():
            self._walks.labels(walk).inc(count)

    def count_expired(self, count: int) -> None:
        self._expired.inc(count)

    def listening_to(self, platform: str) -> aiohttp.ClientMiddlewareType:
        """For the session that talks to a platform: counts its answers, and compares clocks."""

        async def listening(
            request: aiohttp.ClientRequest, send: aiohttp.ClientHandlerType
        ) -> aiohttp.ClientResponse:
            told = "none"
            try:
                answer = await send(request)
                told = "429" if answer.status == 429 else f"{answer.status // 100}xx"
                self._compare(platform, answer.headers)
                return answer
            finally:
                self._heard.labels(platform, told).inc()

        return listening

    def write_text(self, figures: Figures, waiting: int, tick_age: float) -> bytes:
        """Everything, in Prometheus' text format."""
        for state, count in figures.deliveries.items():
            self._states.labels(state).set(count)
        now = {
            "deliveries_made": figures.made,
            "delivery_unknown_age_seconds": figures.unknown_seconds,
            "rounds_missed": figures.missed,
            "queue_depth": waiting,
            "tick_age_seconds": tick_age,
            "clock_skew_seconds": self._watch.skew_seconds() or 0.0,
            "clock_is_trusted": float(self._watch.judge().may_work),
        }
        for name, value in now.items():
            self._gauges[name].set(value)
        return generate_latest(self._all)

    def _compare(self, platform: str, headers: Mapping[str, str]) -> None:
        date = headers.get("Date", "")
        if date == self._dates.get(platform):  # it says whole seconds: the first to say it is the nearest
            return
        self._dates[platform] = date
        at = read_date_header(headers)
        if at:
            self._watch.see(platform, at)


RESULTS = ("ok", "refused", "failed", "unavailable")
GAUGES = {
    "deliveries_made": "Deliveries ever made",
    "delivery_unknown_age_seconds": "Since when the oldest delivery is unknown",
    "rounds_missed": "Slots that passed unasked, of alliances that are there",
    "queue_depth": "Commands waiting to be written",
    "tick_age_seconds": "Since the last tick; 0 in a process that does not tick",
    "clock_skew_seconds": "How far this clock is ahead of the platforms'",
    "clock_is_trusted": "1 while nothing speaks against this machine's clock, else 0: then nothing is asked or closed",
}


def result(status: int) -> str:
    """Of an HTTP status, in a word."""
    if status == 503:
        return "unavailable"
    return "failed" if status >= 500 else "refused" if status >= 400 else "ok"
