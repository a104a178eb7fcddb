"""The training commands' manners: help, exit codes, one-line errors, curves, TensorBoard."""

import sys
from pathlib import Path

import pytest

from pipeline.training import embedder, embedder_reader, matte, segmenter
from pipeline.training.running import Curves, board, command
from tests import training_sets as sets

COMMANDS = (segmenter.train, matte.train, embedder.train, embedder_reader.refit)


@pytest.mark.parametrize("train", COMMANDS)
def test_help_explains_every_option(train, capsys: pytest.CaptureFixture[str]) -> None:
    assert command(train, ["--help"]) == 0
    lines = capsys.readouterr().out.split("Options:")[1].splitlines()
    for place, line in enumerate(lines):
        if line.strip().startswith("--") and "debug adds" not in line:
            said = " ".join([line.split("  ", 3)[-1], *lines[place + 1 : place + 2]])
            assert len(said.split()) >= 3, line


@pytest.mark.parametrize("train", COMMANDS)
@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["--data", "nowhere"], 3, "no folder “nowhere”"),
        (["--data", "empty"], 3, "holds no data set"),
        (["--data", "set", "--format", "deepfashion"], 3, "list_category_cloth.txt"),
        (["--data", "set", "--format", "coco"], 2, "--format"),
        (["--data", "set", "--epochs", "0"], 2, "--epochs"),
        ([], 2, "--data"),
    ],
)
def test_a_wrong_request_ends_with_one_line(
    train, words: list[str], code: int, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    monkeypatch.chdir(tmp_path)
    sets.folders(tmp_path / "set")
    for name in ("empty", "assets/models"):
        (tmp_path / name).mkdir(parents=True)
    (tmp_path / "assets" / "models" / "cutout.onnx").touch()
    assert command(train, words) == code
    error = capsys.readouterr().err.strip()
    assert error.startswith("error: ") and said in error and "\n" not in error


def test_a_reader_of_kinds_needs_an_embedder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = sets.folders(tmp_path / "set")
    (tmp_path / "cutout.onnx").touch()
    assert command(embedder_reader.refit, ["--data", str(data), "--out", str(tmp_path)]) == 4
    assert "pipeline.training.embedder" in capsys.readouterr().err


@pytest.mark.parametrize("train", (segmenter.train, embedder.train, embedder_reader.refit))
def test_a_missing_cutout_model_is_named_at_once(train, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    data = sets.folders(tmp_path / "set")
    words = ["--data", str(data), "--out", str(tmp_path / "models"), "--cache", str(tmp_path / "cache")]
    assert command(train, words) == 4
    assert "pipeline.training.matte" in capsys.readouterr().err


def test_an_unforeseen_error_and_an_interruption_are_one_line(capsys: pytest.CaptureFixture[str]) -> None:
    def broken() -> None:
        raise ZeroDivisionError("by nothing")

    def interrupted() -> None:
        raise KeyboardInterrupt

    assert command(broken, []) == 1 and "Traceback" not in capsys.readouterr().err
    assert command(broken, ["--debug"]) == 1 and "Traceback" in capsys.readouterr().err
    assert command(interrupted, []) == 130 and "--resume" in capsys.readouterr().err


def test_tensorboard_is_named_where_it_is_missing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "tensorboard", None)
    for name in [n for n in sys.modules if n.startswith("torch.utils.tensorboard")]:
        monkeypatch.delitem(sys.modules, name)
    assert command(matte.train, ["--data", str(tmp_path), "--run", str(tmp_path / "run"), "--tensorboard"]) == 2
    assert "pip install tensorboard" in capsys.readouterr().err
    assert board(tmp_path, wanted=False) is None


def test_curves_go_on_and_reach_the_board(tmp_path: Path) -> None:
    class Board:
        def __init__(self) -> None:
            self.told: list[tuple[str, float, int]] = []

        def add_scalar(self, name: str, value: float, step: int) -> None:
            self.told.append((name, value, step))

        def flush(self) -> None:
            pass

    Curves(tmp_path, resume=False).add({"epoch": 1, "loss": 2.0})
    told = Board()
    curves = Curves(tmp_path, resume=True, writer=told)
    curves.add({"epoch": 2, "loss": 1.0, "loss: like": 0.5})
    assert [row["epoch"] for row in curves.rows] == [1, 2] and (tmp_path / "curves.png").exists()
    assert ("loss/like", 0.5, 2) in told.told


def test_the_cutout_net_runs_at_multiples_of_its_stride(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--data", str(tmp_path), "--run", str(tmp_path / "run"), "--run-size", "400"]
    assert command(matte.train, words) == 2
    assert "use 384" in capsys.readouterr().err
