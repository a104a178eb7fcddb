"""The live camera's answers, with fake stages."""

from __future__ import annotations

import dataclasses
import threading
from typing import Any

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from pipeline.matcher import Matcher
from pipeline.ui.live import MAX_FRAME, Live, live_routes
from pipeline.ui.loading import Loader
from tests.fakes import FakeFinder
from tests.test_ui import Desk, data, desk  # noqa: F401  (fixtures)


def test_a_frame_is_answered_with_its_pieces_and_the_matches_of_one(desk: Desk, data: bytes) -> None:  # noqa: F811
    live = Live(desk.loader)
    answer = live.answer(data)
    assert answer["size"] == [240, 320]
    assert [piece["name"] for piece in answer["pieces"]] == ["Top", "Skirt", "Bag"]
    # The skirt is the largest.
    assert answer["chosen"] == 1 and answer["matches"].count("<li>") == 4 and "Green skirt" in answer["matches"]
    x, y = answer["pieces"][0]["dot"]
    assert 72 <= x <= 168 and 48 <= y <= 160
    xs = [point[0] for line in answer["pieces"][0]["outlines"] for point in line]
    assert abs(min(xs) - 72) <= 2 and abs(max(xs) - 168) <= 2
    assert live.answer(data, (0.83, 0.57))["chosen"] == 2
    assert live.answer(data, (0.01, 0.01))["chosen"] == 1
    # Nothing is kept of it.
    assert desk.visits.waiting() == 0 and not desk.visits._visits


@dataclasses.dataclass
class SlowFinder(FakeFinder):
    """Finds when it is allowed to."""

    def __post_init__(self) -> None:
        super().__init__()
        self.begun, self.allowed = threading.Event(), threading.Event()

    def __call__(self, *given: Any) -> Any:
        self.begun.set()
        assert self.allowed.wait(30)
        return super().__call__(*given)


def test_frames_are_dropped_while_another_one_is_looked_at(fake_matcher: Matcher, data: bytes) -> None:  # noqa: F811
    finder = SlowFinder()
    loader = loaded(dataclasses.replace(fake_matcher, find=finder))  # type: ignore[arg-type]
    live, answers = Live(loader), []
    first = threading.Thread(target=lambda: answers.append(live.answer(data)))
    first.start()
    assert finder.begun.wait(30)
    assert [live.answer(data) for _ in range(5)] == [{"dropped": True}] * 5
    finder.allowed.set()
    first.join(30)
    assert len(answers[0]["pieces"]) == 3 and finder.calls == 1
    assert len(live.answer(data)["pieces"]) == 3


def test_photos_go_before_frames(desk: Desk, data: bytes) -> None:  # noqa: F811
    with desk.loader.turns.take(), desk.loader.turns.take():
        assert Live(desk.loader).answer(data) == {"dropped": True}
    assert "pieces" in Live(desk.loader).answer(data)


def loaded(matcher: Matcher) -> Loader:
    loader = Loader(lambda progress: matcher)
    loader.start()
    loader.wait(30)
    return loader


def test_before_the_models_frames_are_told_what_is_loading(fake_matcher: Matcher, data: bytes) -> None:  # noqa: F811
    gate = threading.Event()

    def load(progress: Any) -> Matcher:
        gate.wait(30)
        return fake_matcher

    loader = Loader(load)
    assert Live(loader).answer(data) == {"dropped": True, "says": "Loading the models…"}
    gate.set()


@pytest.mark.parametrize(("language", "name"), [("en", "Top"), ("de-DE,de;q=0.9", "Oberteil")])
def test_the_address_of_frames(desk: Desk, data: bytes, language: str, name: str) -> None:  # noqa: F811
    client = TestClient(Starlette(routes=live_routes(desk.loader)), headers={"Accept-Language": language})
    answer = client.post("/live?x=0.5&y=0.3", content=data)
    assert answer.headers["cache-control"] == "no-store"
    assert answer.json()["pieces"][0]["name"] == name and answer.json()["chosen"] == 0
    assert client.post("/live?x=much&y=-3", content=data).json()["chosen"] == 1
    refused = client.post("/live", content=b"no picture").json()["problem"]
    assert refused.startswith("Die Datei" if name == "Oberteil" else "The file")
    assert client.post("/live", content=bytes(MAX_FRAME + 1)).status_code == 413
    assert client.get("/live").status_code == 405
