"""Other input methods: figures that can be checked by hand, one that misbehaves, and the real ones if installed."""

from __future__ import annotations

import json
import sys
from collections.abc import Generator
from pathlib import Path

import pytest

from studio.bench import typing
from studio.bench.rivals import session
from studio.bench.rivals.comparison import RIVALS, RivalResult, compare, judged
from studio.bench.rivals.rival import Answer, NotInstalledError, Rival, RivalError, parsed, typed, written
from studio.bench.rivals.session import Session
from studio.bench.typing import TypingResult, bench
from studio.cli import main
from studio.inference.sentences import Sentence
from studio.verbs import bench as verb
from tests import tiny

TEACHER = Sentence("今天老师", ("jin", "tian", "lao", "shi"), "some.tsv")
CHILD = """
import sys, time
print("ready", flush=True)
for line in sys.stdin:
    letters = line.strip()
    if letters == "si":
        sys.exit(3)
    if letters == "teng":
        time.sleep(60)
    if letters == "kong":
        print(",".join("7" for _ in letters), flush=True)
        continue
    print(",".join("2000" for _ in letters) + "\\t今天老师\\t今天\\t金", flush=True)
"""


def finished(progress: Generator[str, None, RivalResult]) -> tuple[list[str], RivalResult]:
    lines = []
    while True:
        try:
            lines.append(next(progress))
        except StopIteration as end:
            return lines, end.value


def fake(script: str = CHILD) -> Rival:
    def command(scratch: Path) -> list[str]:
        assert scratch.is_dir()
        return [sys.executable, "-c", script]

    return Rival("fake", ("no-such-package",), "as it is", command)


def missing(_: Path) -> list[str]:
    raise NotInstalledError("libfake.so is missing")


def test_an_answer_comes_through_the_pipe_as_it_was() -> None:
    # As libime gave it for the letters "ni".
    assert parsed("812,1034\t你\t尼\t泥\n") == Answer(("你", "尼", "泥"), (0.000812, 0.001034))
    answer = Answer(("今天", "金"), (0.001, 0.25))
    assert parsed(written(answer)) == answer
    assert parsed("7,7") == Answer((), (7e-6, 7e-6))
    with pytest.raises(ValueError):
        parsed("loading the dictionary\n")


def test_letters_are_typed_one_by_one() -> None:
    class Engine:
        seen = "x"

        def clear(self) -> None:
            self.seen = ""

        def press(self, letter: str) -> list[str]:
            self.seen += letter
            return [self.seen]

    answer = typed(Engine(), "ni")
    assert answer.candidates == ("ni",)
    assert len(answer.seconds) == 2 and all(second >= 0 for second in answer.seconds)


def test_figures_are_counted_as_ours_are() -> None:
    answers = [
        Answer(("今天老师", "今天"), (0.001,) * 12),
        Answer(("今田老师", "今天老师", "今天"), (0.003,) * 12),
        Answer(("今天",), (0.001,) * 12),
        None,
    ]
    result = judged(fake(), [TEACHER] * 4, answers)
    assert (result.top1, result.top5, result.top10, result.failed) == (0.25, 0.5, 0.5, 1)
    assert result.char == (4 + 3 + 2 + 0) / 16
    assert result.whole == 3 / 4
    assert result.key_ms is not None and (result.key_ms.p50, result.key_ms.p99) == (1.0, 3.0)
    assert result.sentence_ms == pytest.approx((12 + 36 + 12) / 3)
    assert result.sources is not None and result.sources["some.tsv"].sentences == 4
    nothing = judged(fake(), [TEACHER], [None])
    assert (nothing.top1, nothing.char, nothing.key_ms, nothing.failed) == (0, 0, None, 1)


def test_a_rival_that_dies_hangs_or_is_silent_is_wrong_there_and_goes_on(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(session, "_SENTENCE", 2.0)
    with Session(fake()) as asked:
        assert asked.ask("jin") == Answer(("今天老师", "今天", "金"), (0.002,) * 3)
        assert asked.ask("si") is None
        assert asked.ask("jin") is not None
        assert asked.ask("kong") is None
        assert asked.ask("teng") is None
        assert asked.ask("jin") is not None


def test_a_rival_that_dies_all_the_time_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session, "_DEATHS", 2)
    with Session(fake()) as asked:
        assert [asked.ask("si"), asked.ask("si"), asked.ask("jin")] == [None, None, None]


def test_what_cannot_be_used_is_told() -> None:
    lines, result = finished(compare(Rival("fake", ("libfake1", "fake-data"), "", missing), [TEACHER]))
    assert lines == [
        "fake is not installed (libfake.so is missing). On Debian: apt-get install libfake1 fake-data"
    ]
    assert result.problem and result.top1 is None and result.packages == ("libfake1", "fake-data")
    broken = fake("import sys; sys.exit('no dictionary')")
    lines, result = finished(compare(broken, [TEACHER]))
    assert len(lines) == 1 and "fake could not be started: no dictionary" in lines[0]
    assert result.problem == lines[0]
    with pytest.raises(RivalError), Session(broken):
        pass


def test_ours_and_theirs_stand_beside_each_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    data = tmp_path / "some.tsv"
    data.write_text("jin tian lao shi\t今天老师\nlao shi jin tian\t老师今天\n", encoding="utf-8")
    absent = Rival("libime", ("libimepinyin0",), "", missing)
    monkeypatch.setattr(typing, "RIVALS", {"rime": fake(), "libime": absent})
    words = [
        "bench",
        "typing",
        str(tiny.finished_run().path),
        "--data",
        str(data),
        "--against",
        "rime,libime",
    ]
    assert main(words) == 0
    out = capsys.readouterr()
    result = json.loads(out.out.splitlines()[-1])
    assert set(result["against"]) == {"rime", "libime"}
    assert result["against"]["rime"]["top1"] == 0.5
    assert result["against"]["libime"]["top1"] is None
    assert "first ten candidates" in result["timing"] and result["sentence_ms"] > 0
    table = out.err.splitlines()[-3:]
    assert [line.split()[0] for line in table] == ["ours", "rime", "libime"]
    assert "50.0%" in table[1] and "not installed" in table[2]


def test_an_unknown_name_is_bad_use(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        main(["bench", "typing", "run", "--against", "libime,sogou"])
    assert left.value.code == 2
    assert "sogou: no such input method; one of libime, libpinyin, rime" in capsys.readouterr().err


def test_the_command_line_knows_all_rivals() -> None:
    assert tuple(RIVALS) == verb._RIVALS
    readme = (Path(__file__).parents[3] / "packaging" / "README.md").read_text(encoding="utf-8")
    for rival in RIVALS.values():
        assert rival.remedy.removeprefix("apt-get install ") in readme


@pytest.mark.slow
@pytest.mark.parametrize("name", list(RIVALS))
def test_the_real_one_types(name: str, tmp_path: Path) -> None:
    """Only where it is installed."""
    try:
        RIVALS[name].command(tmp_path)
    except NotInstalledError as absent:
        pytest.skip(f"{name} is not installed: {absent}")
    with Session(RIVALS[name]) as asked:
        for letters, text in (("women", "我们"), ("zhongguorenmin", "中国人民")):
            answer = asked.ask(letters)
            assert answer is not None
            assert answer.candidates[0] == text
            assert 1 < len(answer.candidates) <= 10
            assert len(answer.seconds) == len(letters)
        again = asked.ask("women")
        assert again is not None and again.candidates[0] == "我们", "nothing of what was typed before stays"


def test_a_bench_without_others_says_so_in_its_result(tmp_path: Path) -> None:
    data = tmp_path / "some.tsv"
    data.write_text("jin tian lao shi\t今天老师\n", encoding="utf-8")
    progress = bench(tiny.finished_run().path, data=data)
    result: TypingResult | None = None
    while result is None:
        try:
            next(progress)
        except StopIteration as end:
            result = end.value
    assert result.against == {}
