"""Faults planted in texts, and what the doctor says of them."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.data.doctor.columns import GivenPinyin, Labels
from studio.data.doctor.examine import examine
from studio.data.doctor.record import Record
from studio.data.doctor.repeats import NearRepeats, Repeats
from studio.data.doctor.sampling import SampledTable
from studio.data.doctor.tally import EXAMPLES
from studio.data.errors import Cancelled, DataError
from studio.data.placing import Placing
from studio.data.sources import Document
from studio.recipe import Cleaning, Data, Splits, parse
from studio.recipe.overrides import apply_overrides
from studio.runs.doctor_requests import CHECKS, DoctorReport, Finding
from tests import tiny

CLEAN = [
    "今天早上我和朋友一起去公园散步。",
    "学校的老师正在准备明天的考试题目。",
    "火车晚点了两个小时，大家都很着急。",
    "他喜欢在周末的时候读一本好书。",
    "医生建议病人多休息，少吃油腻的食物。",
    "这座城市的夜景吸引了许多外地游客。",
]


def data_of(path: Path, *steps: dict[str, Any], document: str = "line", **cleaning: Any) -> Data:
    values = tiny.values(path)
    values["data"]["sources"] = [{"kind": "file", "path": str(path), "document": document}]
    values["data"]["steps"] = list(steps)
    values["data"]["cleaning"] = cleaning
    return parse(values).data


def write(folder: Path, *lines: str, encoding: str = "utf-8") -> Path:
    path = folder / "text.txt"
    path.write_bytes("\n".join([*lines, ""]).encode(encoding))
    return path


def found_in(report: DoctorReport) -> dict[str, Finding]:
    return {finding.id: finding for finding in report.findings}


def test_clean_text_gives_no_findings(tmp_path: Path) -> None:
    report = examine(data_of(write(tmp_path, *CLEAN)))
    assert report.findings == ()
    (source,) = report.sources
    assert (source.documents, source.lines, source.source) == (6, 6, "text.txt")
    assert source.characters == sum(map(len, CLEAN))
    assert source.simplified > 0 == source.traditional


@pytest.mark.parametrize(
    ("line", "id", "excerpt", "step"),
    [
        ("我们".encode().decode("latin-1"), "mojibake", None, "repair_encoding"),
        ("鎴戜滑", "mojibake", None, "repair_encoding"),
        ("丢了一个\ufffd字的句子", "lost_characters", "\ufffd", "filter_pattern"),
        ("锟斤拷锟斤拷，看不懂", "lost_characters", "锟斤拷锟斤拷", "filter_pattern"),
        ("看不见的\u200b字符在这里", "control_characters", "▯", "remove_controls"),
        ("这是<b>粗体</b>的文字", "markup", "<b>", "remove_markup"),
        ("请打电话１３９给我", "width_mix", "１３９", "normalise_widths"),
        ("用了,半角的逗号", "width_mix", ",", "normalise_widths"),
        ("這是一個漢語句子", "script_mix", "這", "convert_script"),
        ("我的手机是13812345678，请联系", "personal_data", "138******78", "mask_personal"),
        ("only English here", "empty", "only English here", "filter_hanzi"),
    ],
)
def test_a_planted_fault_is_found(tmp_path: Path, line: str, id: str, excerpt: str | None, step: str) -> None:
    path = write(tmp_path, *CLEAN[:3], line, *CLEAN[3:])
    report = examine(data_of(path))
    finding = found_in(report)[id]
    first = finding.examples[0]
    assert (first.source, first.document, first.line) == ("text.txt", 3, 4)
    assert finding.fix is not None
    assert finding.fix.step is not None
    assert finding.fix.step["kind"] == step
    if excerpt is not None:
        assert first.excerpt[first.start : first.end] == excerpt
    mended = examine(data_of(path, finding.fix.step))
    assert id not in found_in(mended)
    assert mended.steps == 1


def test_what_cleaning_mends_is_worth_knowing_only(tmp_path: Path) -> None:
    path = write(tmp_path, *CLEAN, "<p>标记</p>里面的文字")
    assert found_in(examine(data_of(path)))["markup"].handled_by == "data.cleaning.strip_markup"
    alone = found_in(examine(data_of(path, strip_markup=False)))["markup"]
    assert (alone.severity, alone.handled_by) == ("warning", "")


def test_examples_name_the_line_of_the_file(tmp_path: Path) -> None:
    lines = [*CLEAN[:2], "", "", *CLEAN[2:4], "有<i>标记</i>的行", "", CLEAN[4]]
    report = examine(data_of(write(tmp_path, *lines), document="blank_line"))
    first = found_in(report)["markup"].examples[0]
    assert (first.document, first.line) == (1, 7)


def test_at_most_twenty_examples(tmp_path: Path) -> None:
    report = examine(data_of(write(tmp_path, *CLEAN, *(f"第{n}行<b>字</b>" for n in range(50)))))
    finding = found_in(report)["markup"]
    assert (finding.count, finding.documents, len(finding.examples)) == (100, 50, EXAMPLES)


def test_overlong_runs(tmp_path: Path) -> None:
    path = write(tmp_path, *CLEAN, "很" * 61)
    finding = found_in(examine(data_of(path, max_length=48), room=60))["overlong"]
    assert finding.fix is not None
    assert finding.fix.fields == {"data.cleaning.max_length": 64, "model.max_length": 64}
    assert "overlong" not in found_in(examine(data_of(path, max_length=64)))
    assert "overlong" not in found_in(examine(data_of(path, max_length=48), runs=False))


def test_repeated_documents_and_lines(tmp_path: Path) -> None:
    notice = "本文版权归作者所有转载请注明"
    lines = [CLEAN[0], notice, "", CLEAN[1], notice, "", CLEAN[2], "", CLEAN[2].replace("，", " ")]
    path = write(tmp_path, *lines)
    findings = found_in(examine(data_of(path, document="blank_line")))
    assert findings["repeated_lines"].count == 1
    assert findings["repeated_lines"].examples[0].note == "text.txt, document 0"
    assert findings["repeated_lines"].examples[0].line == 5
    assert findings["duplicates"].count == 1
    assert findings["duplicates"].handled_by == "data.cleaning.deduplicate_documents"
    step = findings["repeated_lines"].fix
    assert step is not None
    assert step.step is not None
    assert "repeated_lines" not in found_in(examine(data_of(path, step.step, document="blank_line")))


def test_leaks_between_splits(tmp_path: Path) -> None:
    source = random.Random(3)
    alphabet = "".join(CLEAN).replace("。", "").replace("，", "")
    texts = ["".join(source.choices(alphabet, k=80)) for _ in range(60)]
    lines = [line for text in texts for line in (text, text[:76] + "尾")]
    data = data_of(write(tmp_path, *lines))
    data = data.model_copy(update={"splits": Splits(validation=0.2, test=0.2)})
    findings = found_in(examine(data))
    assert findings["leaks"].severity == "error"
    assert (
        findings["leaks"].count + findings.get("near_duplicates", replace(findings["leaks"], count=0)).count
        <= 60
    )
    assert findings["leaks"].count > 10
    note = findings["leaks"].examples[0].note
    assert "train" in note
    assert "validation" in note or "test" in note
    fix = findings["leaks"].fix
    assert fix is not None
    assert fix.step is not None
    mended = data.model_copy(update={"steps": data_of(tmp_path / "text.txt", fix.step).steps})
    assert not {"leaks", "near_duplicates"} & found_in(examine(mended)).keys()


@pytest.mark.parametrize(
    ("encoding", "named"),
    [("big5", "auto"), ("utf-16-le", "auto"), ("gb18030", "utf-8"), ("utf-16-le", "gbk")],
)
def test_a_file_in_another_encoding(tmp_path: Path, encoding: str, named: str) -> None:
    text = "我們今天早上一起去公園，學校的老師正在準備明天的考試。" * 4
    path = write(tmp_path, text, encoding=encoding)
    values = tiny.values(path)
    values["data"]["sources"] = [{"kind": "file", "path": str(path), "encoding": named}]
    report = examine(parse(values).data)
    finding = found_in(report).get("undecodable")
    if finding is None:  # newer versions may recognise it
        assert report.sources[0].hanzi == 4 * 25
        return
    assert finding.severity == "error"
    assert finding.fix is not None
    changed = apply_overrides(values, [f"{key}={value}" for key, value in finding.fix.fields.items()])
    mended = examine(parse(changed).data)
    assert "undecodable" not in found_in(mended)
    assert mended.sources[0].hanzi == 4 * 25


def test_a_damaged_file_is_looked_at_all_the_same(tmp_path: Path) -> None:
    path = tmp_path / "text.txt"
    path.write_bytes("\n".join(CLEAN * 20).encode() + b"\n\xff\xfe broken\n" + "<b>后面</b>".encode())
    report = examine(data_of(path))
    findings = found_in(report)
    assert (findings["undecodable"].count, findings["undecodable"].examples[0].line) == (2, 121)
    assert findings["markup"].count == 2
    with pytest.raises(DataError, match=r"not text|no text"):
        broken = tmp_path / "text.txt"
        broken.write_bytes(bytes(range(256)) * 50)
        examine(data_of(broken))


def records(*texts: str, **options: Any) -> Iterator[Record]:
    for place, text in enumerate(texts):
        yield Record(id=str(place), text=text, source=0, name="table", place=place, **options)


def test_pinyin_columns() -> None:
    check = GivenPinyin()
    rows = [
        ("今天", "jīn tiān"),
        ("重庆", "zhong qing"),
        ("北京市", "bei jing"),
        ("好", "xyz"),
        ("中，国", "zhong guo"),
    ]
    for place, (text, pinyin) in enumerate(rows):
        check.see(Record(id="", text=text, source=0, name="table", place=place, pinyin=pinyin))
    lengths, readings = check.findings()
    assert (lengths.id, lengths.count, lengths.examples[0].note) == (
        "pinyin_length",
        1,
        "2 syllables, 3 hanzi",
    )
    assert (readings.id, readings.count) == ("pinyin_differs", 2)
    assert [example.note for example in readings.examples] == ["zhong (chong)", "xyz?"]
    assert readings.examples[0].excerpt == "重庆"


def test_labels_that_contradict_each_other() -> None:
    check = Labels()
    for text, label in [
        ("很好。", "正面"),
        ("很差", "负面"),
        ("很好！", "负面"),
        ("很差", "负面"),
        ("很好", ""),
    ]:
        check.see(Record(id="", text=text, source=0, name="table", label=label))
    (finding,) = check.findings()
    assert (finding.id, finding.count, finding.severity) == ("label_conflict", 1, "error")
    assert finding.examples[0].note == "负面; before: 正面"


def test_columns_reach_their_checks(tmp_path: Path) -> None:
    rows = [
        Document("0", "今天", 0, label="a", pinyin="jin"),
        Document("1", "今天", 0, label="b", pinyin="jin tian"),
    ]
    report = examine(data_of(write(tmp_path, *CLEAN)), load=lambda *_: rows)
    assert {"pinyin_length", "label_conflict", "duplicates"} <= found_in(report).keys()


def test_full_tables_keep_a_sample() -> None:
    repeats = Repeats(Cleaning(deduplicate_documents=False), most=500)
    texts = [f"第{n}篇文档" for n in range(4000)]
    for record in records(*texts, *texts):
        repeats.see(record)
    (finding,) = repeats.findings()
    assert finding.estimated
    assert 0.7 * 4000 < finding.count < 1.3 * 4000
    near = NearRepeats(Placing(Splits()), most=300)
    source = random.Random(1)
    bodies = ["".join(source.choices("天地玄黄宇宙洪荒日月盈昃辰宿列张", k=90)) for _ in range(1000)]
    for record in records(*(text for body in bodies for text in (body, body + "。尾巴"))):
        near.see(record)
    assert sum(finding.count for finding in near.findings() if finding.estimated) > 500


def test_a_table_never_grows_beyond_its_size() -> None:
    table = SampledTable(100)
    source = random.Random(5)
    for _ in range(5000):
        key = source.getrandbits(64)
        if table.sampled(key):
            table.first(key, 1)
            assert len(table._values) <= 100
    assert 5 <= table.level <= 7


def test_only_what_is_asked_for(tmp_path: Path) -> None:
    path = write(tmp_path, "这是<b>粗体</b>的文字，電話13812345678", *CLEAN)
    assert found_in(examine(data_of(path), only=["personal_data"])).keys() == {"personal_data"}


def test_it_is_the_same_every_time_and_travels_as_json(tmp_path: Path) -> None:
    path = write(tmp_path, *CLEAN, *CLEAN, "這<b>Ａ</b>13812345678", "空 space")
    one, two = (replace(examine(data_of(path)), seconds=0.0) for _ in range(2))
    assert one == two
    assert one.findings
    json.dumps(asdict(one), ensure_ascii=False)
    assert [f.id for f in one.findings if f.id not in CHECKS] == []
    order = [("error", "warning", "info").index(finding.severity) for finding in one.findings]
    assert order == sorted(order)


def test_it_can_be_called_off_and_tells_how_far_it_is(tmp_path: Path) -> None:
    path = write(tmp_path, *(f"{text}{n}" for n in range(100) for text in CLEAN))
    told: list[tuple[int, str]] = []
    with pytest.raises(Cancelled):
        examine(
            data_of(path),
            progress=lambda done, name: told.append((done, name)),
            cancelled=lambda: len(told) > 2,
        )
    assert told == [(0, "text.txt"), (128, "text.txt"), (256, "text.txt")]


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=40, deadline=None)
@given(texts=st.lists(st.text(alphabet=st.characters(exclude_categories=()), max_size=40), max_size=8))
def test_no_text_is_too_strange(tmp_path: Path, texts: list[str]) -> None:
    load = [Document(str(place), text, 0) for place, text in enumerate(texts)]
    report = examine(data_of(write(tmp_path, *CLEAN)), load=lambda *_: load)
    assert report.sources[0].documents == len(texts)
    for finding in report.findings:
        assert finding.count >= finding.documents >= 1
        assert all(0 <= e.start <= e.end <= len(e.excerpt) for e in finding.examples)
