"""What the API refuses: too many calls, too many at once, models that are not there."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from pipeline.errors import ModelMissing, UsageError
from pipeline.matcher import Matcher
from pipeline.settings import Settings
from pipeline.ui.api import AFTER_BUSY, AFTER_LOADING, Service
from pipeline.ui.api_http import DOCUMENTATION, api_routes
from pipeline.ui.api_limits import Callers, Refused, caller_of
from pipeline.ui.api_models import MOST_ITEMS, MOST_MATCHES
from pipeline.ui.handlers import MatchHandlers
from pipeline.ui.loading import Load, Loader
from pipeline.ui.turns import Full, Turns
from pipeline.ui.visits import Visits

Called = Callable[..., TestClient]


@pytest.fixture
def called() -> Iterator[Called]:
    """(load) -> a client of the API alone, of that matcher."""
    clients: list[TestClient] = []

    def client(load: Load, wait: bool = True) -> TestClient:
        loader = Loader(load)
        if wait:
            loader.start()
            loader.wait(30)
        clients.append(TestClient(Starlette(routes=api_routes(Service(loader)))))
        return clients[-1]

    yield client
    for one in clients:
        one.close()


def test_a_caller_who_asks_too_often_is_told_when_to_come_back(
    called: Called, fake_matcher: Matcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FASHION_API_RATE", "2/hour")
    monkeypatch.setenv("FASHION_PROXY", "1")
    client = called(lambda progress: fake_matcher)

    def ask(caller: str) -> Any:
        return client.get("/api/catalogue?count=0", headers={"X-Forwarded-For": caller})

    assert [ask("8.8.8.8").status_code for _ in range(3)] == [200, 200, 429]
    refused = ask("8.8.8.8")
    assert 0 < int(refused.headers["Retry-After"]) <= 3600
    assert refused.json()["error"].startswith("That is more than 2 calls per hour from one caller; try again in")
    assert ask("9.9.9.9").status_code == 200


def test_loading_and_missing_models_are_told(called: Called, encode: Callable[..., bytes], photo: Any) -> None:
    go = threading.Event()

    def slow(progress: Any) -> Matcher:
        go.wait(30)
        raise ModelMissing("The model is not here; fetch it.")

    client = called(slow, wait=False)
    answer = client.post("/api/match", content=encode(photo))
    assert answer.status_code == 503 and "still being loaded" in answer.json()["error"]
    assert answer.headers["Retry-After"] == str(AFTER_LOADING)
    go.set()
    failed = called(slow)
    answer = failed.get("/api/search?q=red")
    assert answer.status_code == 503 and answer.json() == {"error": "The model is not here; fetch it."}
    assert "Retry-After" not in answer.headers


def test_more_photos_than_may_wait_are_sent_away(
    called: Called, fake_matcher: Matcher, encode: Callable[..., bytes], photo: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FASHION_API_WAITING", "1")
    started, go, answers = threading.Event(), threading.Event(), []
    cut = type(fake_matcher.cut).__call__

    def slow(self: Any, given: Any) -> Any:
        started.set()
        go.wait(30)
        return cut(self, given)

    monkeypatch.setattr(type(fake_matcher.cut), "__call__", slow)
    client = called(lambda progress: fake_matcher)
    first = threading.Thread(target=lambda: answers.append(client.post("/api/match", content=encode(photo))))
    first.start()
    assert started.wait(30)
    second = client.post("/api/match", content=encode(photo))
    assert second.status_code == 503 and second.headers["Retry-After"] == str(AFTER_BUSY)
    # What needs no model goes on.
    assert client.get("/api/search?q=red").status_code == 200
    go.set()
    first.join(30)
    assert answers[0].status_code == 200
    assert client.post("/api/match", content=encode(photo)).status_code == 200


def test_what_goes_wrong_inside_is_no_business_of_the_caller(
    called: Called, fake_matcher: Matcher, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: Any) -> Any:
        raise RuntimeError("a secret")

    monkeypatch.setattr(type(fake_matcher.embed), "embed_words", broken)
    answer = called(lambda progress: fake_matcher).get("/api/search?q=red")
    assert answer.status_code == 500 and "secret" not in answer.text and set(answer.json()) == {"error"}


def test_the_page_and_the_api_wait_for_the_same_turns(
    fake_matcher: Matcher, encode: Callable[..., bytes], photo: Any
) -> None:
    loader = Loader(lambda progress: fake_matcher)
    loader.start()
    loader.wait(30)
    loader.turns = Turns(1)
    handlers = MatchHandlers(loader, Visits(), ())
    handlers.receive("somebody", encode(photo))
    work = threading.Thread(target=lambda: list(handlers.process("somebody", 8, True, 0.3)))
    with loader.turns.queue(1):
        work.start()
        work.join(0.3)
        assert work.is_alive() and fake_matcher.cut.calls == 0  # type: ignore[attr-defined]
        with pytest.raises(Full), loader.turns.queue(1):
            pass
    work.join(30)
    assert not work.is_alive() and fake_matcher.cut.calls == 1  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("host", "told", "proxy", "caller"),
    [
        ("10.0.0.1", "", True, "10.0.0.1"),
        ("10.0.0.1", "1.2.3.4, 8.8.8.8, 10.1.1.1", True, "8.8.8.8"),
        ("10.0.0.1", "nonsense, 192.168.0.9", True, "10.0.0.1"),
        ("8.8.4.4", "1.2.3.4", False, "8.8.4.4"),
        ("2a00:1450:4001:80e::200e", "", False, "2a00:1450:4001:80e::/64"),
        ("::ffff:8.8.8.8", "", False, "8.8.8.8"),
        (None, "", False, ""),
    ],
)
def test_who_calls(host: str | None, told: str, proxy: bool, caller: str) -> None:
    assert caller_of(host, {"x-forwarded-for": told} if told else {}, proxy) == caller


def test_rates(monkeypatch: pytest.MonkeyPatch) -> None:
    callers = Callers("1/second;2/day")
    callers.count("a")
    with pytest.raises(Refused, match="1 calls per second"):
        callers.count("a")
    for _ in range(100):
        Callers("").count("a")
    with pytest.raises(UsageError, match="FASHION_API_RATE must be like 60/minute"):
        Callers("often")
    monkeypatch.setenv("FASHION_API_RATE", "off")
    assert Settings.from_environment().api_rate == "" and not Settings.from_environment().proxy
    monkeypatch.setenv("SPACE_ID", "me/space")
    assert Settings.from_environment().proxy


def test_the_documentation_tells_the_limits_as_they_are() -> None:
    told = DOCUMENTATION.read_text()
    for name, value in (
        ("MEGABYTES", Settings.api_megabytes),
        ("RATE", Settings.api_rate),
        ("WAITING", Settings.api_waiting),
    ):
        assert f"`FASHION_API_{name}` ({value})" in told
    assert f"at most {MOST_MATCHES} | {Settings.top} |" in told and f"at most {MOST_ITEMS} |" in told
    assert f"between 0 and 1 | {Settings.min_score} |" in told
