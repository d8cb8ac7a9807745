"""`bench typing`: a typist whose figures can be checked by hand."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from studio.bench.children import BenchError
from studio.bench.typing import TypingResult, bench
from studio.cli import main
from tests import tiny


def finished(progress: object) -> tuple[list[str], TypingResult]:
    lines = []
    while True:
        try:
            lines.append(next(progress))  # type: ignore[call-overload]
        except StopIteration as end:
            return lines, end.value


def write(path: Path, *lines: str) -> Path:
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_known_and_impossible_sentences_are_counted(tmp_path: Path) -> None:
    data = write(tmp_path / "some.tsv", "jin tian lao shi\t今天老师", "jin tian lao shi\t金田佬拾")
    _, result = finished(bench(tiny.finished_run().path, data=data))
    assert (result.top1, result.sentences, result.characters) == (0.5, 2, 8)
    assert result.char == 0.5
    assert result.keys == 2 * len("jintianlaoshi")
    assert result.separated.top1 == 0.5
    assert set(result.judges) == {"both", "network", "ngrams"}
    assert set(result.sources) == {"some.tsv"}
    # One key to choose the first; for the other, two keys for each of the four wrong characters besides.
    wanted = (13 + 1 + 13 + 1 + 8) / 8
    if result.top10 == 0.5:
        assert result.keystrokes_per_character == pytest.approx(wanted, abs=0.001)
    assert 0 < result.key_ms.p50 <= result.key_ms.p95 <= result.key_ms.p99


def test_a_run_is_typed_on_its_own_test_split(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["bench", "typing", str(tiny.finished_run().path), "--limit", "5"]) == 0
    out = capsys.readouterr()
    result = json.loads(out.out.splitlines()[-1])
    assert result["sentences"] <= 5
    assert {"top1", "top5", "top10", "char", "key_ms", "peak_memory_mb", "model_mb"} <= set(result)
    assert set(result["key_ms"]) == {"p50", "p95", "p99"}
    assert "keys a character" in out.err


def test_nothing_to_type_is_said(tmp_path: Path) -> None:
    data = write(tmp_path / "long.tsv", "jin tian lao shi\t今天老师")
    with pytest.raises(BenchError, match="no sentences of 5 to 30"):
        finished(bench(tiny.finished_run().path, data=data, shortest=5))
    with pytest.raises(BenchError, match="no run"):
        finished(bench(tmp_path, data=data))
