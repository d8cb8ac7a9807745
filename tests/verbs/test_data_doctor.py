"""`studio data doctor`, `fix` and `prepare` as they are typed."""

from __future__ import annotations

import gzip
import json
import random
import tomllib
import zipfile
from pathlib import Path

import pytest

from studio.recipe import dump, parse
from tests import tiny
from tests.verbs.conftest import Studio

LINES = [
    "今天早上我和朋友一起去公园散步。",
    "学校的老师正在准备明天的考试题目。",
    "联系<b>电话</b>13812345678，多谢。",
    "學校的老師正在準備明天的考試題目。",
    "今天早上我和朋友一起去公园散步！",
    "1234 only",
]


@pytest.fixture(autouse=True)
def _home(fresh_home: Path) -> None:
    pass


@pytest.fixture
def text(tmp_path: Path) -> Path:
    path = tmp_path / "notes.txt"
    path.write_text("\n".join(LINES) + "\n", encoding="gb18030")
    return path


def test_what_is_found_is_said_in_words_and_as_json(studio: Studio, text: Path) -> None:
    done = studio("data", "doctor", text)
    assert done.status == 0
    assert "notes.txt: 6 documents, 6 lines, " in done.out
    assert "personal_data: Personal data, 1 in 1 document\n" in done.out
    assert "notes.txt:3 document 2: 联系<b>电话</b>[138******78]，多谢。  (phone)" in done.out
    assert 'fix: step {"kind": "mask_personal"}' in done.out
    assert "data.cleaning.strip_markup takes care of it" in done.out
    (report,) = json.loads(studio("data", "doctor", text, "--json").out)["reports"]
    assert report["target"] == str(text)
    found = {finding["id"]: finding for finding in report["findings"]}
    assert found.keys() == {"personal_data", "script_mix", "markup", "duplicates", "empty"}
    assert found["duplicates"]["examples"][0]["line"] == 5
    assert found["script_mix"]["fix"]["step"] == {"kind": "convert_script", "script": "simplified"}


def test_a_recipe_is_looked_at_after_its_steps(studio: Studio, text: Path, tmp_path: Path) -> None:
    values = tiny.values(text)
    values["data"]["steps"] = [{"kind": "mask_personal"}, {"kind": "convert_script"}]
    recipe = tmp_path / "mine.toml"
    recipe.write_text(dump(parse(values)), encoding="utf-8")
    done = studio("data", "doctor", recipe, text, "--json")
    files, mine = json.loads(done.out)["reports"]
    assert (files["steps"], mine["steps"], mine["target"]) == (0, 2, str(recipe))
    assert {"personal_data", "script_mix"} <= {finding["id"] for finding in files["findings"]}
    assert not {"personal_data", "script_mix"} & {finding["id"] for finding in mine["findings"]}
    # What is traditional in the file repeats, once converted, what is simplified.
    assert next(f for f in mine["findings"] if f["id"] == "duplicates")["count"] == 2


def test_only_some_checks_and_few_examples(studio: Studio, text: Path) -> None:
    done = studio("data", "doctor", text, "--only", "markup,empty", "--examples", "1")
    assert done.out.count("notes.txt:") == 3
    assert "personal" not in done.out
    assert studio("data", "doctor", text, "--only", "dancing").status == 2


def test_tables_with_labels_and_pinyin(studio: Studio, tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_text(
        "text,label,pinyin\n很好,正面,hen hao\n很好,负面,hen hao\n今天,负面,jin\n重庆,正面,zhong qing\n",
        encoding="utf-8",
    )
    (report,) = json.loads(studio("data", "doctor", path, "--json").out)["reports"]
    found = {finding["id"]: finding["count"] for finding in report["findings"]}
    assert (found["label_conflict"], found["pinyin_length"], found["pinyin_differs"]) == (1, 1, 1)


def test_what_cannot_be_read(studio: Studio, tmp_path: Path) -> None:
    done = studio("data", "doctor", tmp_path / "gone.txt")
    assert (done.status, "gone.txt" in done.err) == (2, True)
    done = studio("data", "doctor", "no-such-preset")
    assert (done.status, "no preset or file named 'no-such-preset'" in done.err) == (2, True)


def test_fixed_copies_and_the_steps_that_made_them(studio: Studio, text: Path, tmp_path: Path) -> None:
    before = text.read_bytes()
    out = tmp_path / "out"
    done = studio("data", "fix", text, "--out", out)
    assert done.status == 0, done.err
    assert text.read_bytes() == before
    assert (out / "notes.txt").read_text(encoding="utf-8").splitlines() == [
        LINES[0],
        LINES[1],
        "联系电话***********，多谢。",
    ]
    assert "drop_repeats: 0 documents changed, 2 dropped" in done.out
    # The steps, put into a recipe, do to the original what was done to the copy.
    values = tiny.values(text)
    values["data"]["steps"] = tomllib.loads((out / "steps.toml").read_text(encoding="utf-8"))["data"]["steps"]
    recipe = tmp_path / "mine.toml"
    recipe.write_text(dump(parse(values)), encoding="utf-8")
    mended, copy = (
        json.loads(studio("data", "doctor", target, "--json").out)["reports"][0]
        for target in (recipe, out / "notes.txt")
    )
    assert mended["findings"] == copy["findings"] == []
    assert mended["sources"][0]["hanzi"] == copy["sources"][0]["hanzi"]


def test_fixing_some_findings_only(studio: Studio, text: Path, tmp_path: Path) -> None:
    done = studio("data", "fix", text, "--out", tmp_path / "out", "--only", "personal_data", "--json")
    report = json.loads(done.out)
    assert [tally["kind"] for tally in report["tallies"]] == ["mask_personal"]
    assert (report["copies"][0]["documents"], report["copies"][0]["kept"]) == (6, 6)
    assert (tmp_path / "out" / "notes.txt").read_text(encoding="utf-8").count("\n") == 6


def test_originals_and_earlier_copies_are_not_replaced(studio: Studio, text: Path, tmp_path: Path) -> None:
    done = studio("data", "fix", text, "--out", tmp_path)
    assert (done.status, "one of the originals" in done.err) == (2, True)
    assert studio("data", "fix", text, "--out", tmp_path / "out").status == 0
    done = studio("data", "fix", text, "--out", tmp_path / "out")
    assert (done.status, "is there already" in done.err) == (2, True)
    assert studio("data", "fix", text, "--out", tmp_path / "out", "--overwrite").status == 0


def test_files_of_one_name_and_packed_ones(studio: Studio, tmp_path: Path) -> None:
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "text.txt").write_text(
            f"{folder}\n\n今天<b>很</b>好{folder}\n第二行\n", encoding="utf-8"
        )
    packed = tmp_path / "packed.txt.gz"
    packed.write_bytes(gzip.compress("明天也很<i>好</i>".encode()))
    out = tmp_path / "out"
    done = studio(
        "data", "fix", tmp_path / "a" / "text.txt", tmp_path / "b" / "text.txt", packed, "--out", out
    )
    assert done.status == 0, done.err
    assert sorted(path.name for path in out.iterdir()) == [
        "packed.txt",
        "steps.toml",
        "text-2.txt",
        "text.txt",
    ]
    assert (out / "text-2.txt").read_text(encoding="utf-8") == "今天很好b\n第二行\n"


def test_tables_are_mended_in_their_text_column(studio: Studio, tmp_path: Path) -> None:
    rows = [
        '1,"很<b>好</b>，真的",正面',
        '2,"打13812345678，谢谢",负面',
        "只有一格",
        "3,很<b>好</b>！真的,正面",
        "4,,负面",
    ]
    (tmp_path / "table.csv").write_bytes("\r\n".join(["编号,评论,情感", *rows]).encode("gb18030"))
    nested = [{"id": n, "data": {"text": f"第{n}个<i>句子</i>在这里，\n还有一行"}} for n in range(12)]
    (tmp_path / "nested.jsonl").write_text("\n".join(map(json.dumps, nested)), encoding="utf-8")
    with zipfile.ZipFile(tmp_path / "both.zip", "w") as archive:
        archive.writestr("a/notes.txt", "压缩包里的<p>文字</p>\n第二行在这里\n")
        archive.writestr("b/notes.txt", "另一个文件的<b>文字</b>\n")
    out = tmp_path / "out"
    files = [tmp_path / name for name in ("table.csv", "nested.jsonl", "both.zip")]
    done = studio("data", "fix", *files, "--out", out, "--only", "markup,personal_data,duplicates")
    assert done.status == 0, done.err
    assert f"{files[0]} -> {out / 'table.csv'}: 3 of 4 documents, 1 line set aside" in done.out
    assert (out / "table.csv").read_text(encoding="utf-8").splitlines() == [
        "编号,评论,情感",
        "1,很好，真的,正面",
        "2,打***********，谢谢,负面",
        "4,,负面",
    ]
    made = [json.loads(line) for line in (out / "nested.jsonl").read_text(encoding="utf-8").splitlines()]
    assert made == [{"id": str(n), "data.text": f"第{n}个句子在这里，\n还有一行"} for n in range(12)]
    assert (out / "notes.txt").read_text(encoding="utf-8") == "压缩包里的\n文字\n第二行在这里\n"
    assert (out / "notes-2.txt").read_text(encoding="utf-8") == "另一个文件的文字\n"
    (tmp_path / "numbers.csv").write_text("a,b\n1,2\n3,4\n", encoding="utf-8")
    done = studio("data", "fix", tmp_path / "numbers.csv", "--out", out, "--overwrite")
    assert (done.status, "has no column with Chinese text" in done.err) == (2, True)


def test_a_copy_is_cut_into_the_documents_that_its_original_was(studio: Studio, tmp_path: Path) -> None:
    path = tmp_path / "lines.txt"
    path.write_text(
        "<p>第一篇</p>在这里&nbsp;\n<div>第二篇也在这里</div>\n第三篇没有标记\n", encoding="utf-8"
    )
    out = tmp_path / "out"
    assert studio("data", "fix", path, "--out", out, "--only", "markup").status == 0
    text = (out / "lines.txt").read_text(encoding="utf-8")
    assert "\n\n" not in text
    (report,) = json.loads(studio("data", "doctor", out / "lines.txt", "--json").out)["reports"]
    assert report["sources"][0]["documents"] == text.count("\n") == 4


def test_files_are_prepared_without_a_recipe(studio: Studio, tmp_path: Path) -> None:
    sentences = tiny.sentences()
    tiny.write_text(tmp_path, sentences[:40])
    traditional = [f"{text[:-1]}學校裡說話時來這個國家。" for text in sentences[40:80]]
    (tmp_path / "big5.txt").write_bytes("\n".join(traditional).encode("big5", "ignore"))
    table = tmp_path / "rows.csv"
    rows = [f"{text},{'好差'[n % 2]}" for n, text in enumerate(sentences[80:])]
    table.write_text("\n".join(["文本,标签", *rows]), encoding="gb18030")
    files = [tmp_path / "text.txt", tmp_path / "big5.txt", table]
    report = json.loads(studio("data", "prepare", *files, "--json").out)
    assert [source["name"] for source in report["sources"]] == ["text.txt", "big5.txt", "rows.csv"]
    assert [source["documents"] for source in report["sources"]][::2] == [40, len(rows)]
    assert report["splits"]["train"]["examples"] > 0
    labelled = studio("data", "prepare", table, "--set", "task.name=text_classification")
    assert (labelled.status, labelled.err) == (0, "")
    refused = studio("data", "prepare", *files, "--set", "task.name=text_classification")
    assert (refused.status, "has no labels" in refused.err) == (2, True)
    refused = studio("data", "prepare", "pinyin-quick", table)
    assert (refused.status, "one recipe is prepared at a time" in refused.err) == (2, True)


def test_data_are_prepared_and_found_again(studio: Studio, tmp_path: Path) -> None:
    recipe = tmp_path / "mine.toml"
    recipe.write_text(dump(tiny.recipe()), encoding="utf-8")
    done = studio("data", "prepare", recipe)
    assert done.status == 0
    assert f"text.txt: {len(tiny.sentences())} documents" in done.out
    assert "kept in " in done.out
    report = json.loads(studio("data", "prepare", recipe, "--json").out)
    assert report["cached"]
    assert (Path(report["folder"]) / "meta.json").is_file()
    assert report["splits"]["train"]["examples"] > report["splits"]["test"]["examples"] > 0
    other = json.loads(studio("data", "prepare", recipe, "--set", "data.splits.seed=9", "--json").out)
    assert (other["cached"], other["folder"] != report["folder"]) == (False, True)
    assert studio("data", "prepare", tmp_path / "gone.toml").status == 2


@pytest.mark.parametrize("damage", [b"\xe4\xbb", b"\0"])
def test_one_broken_line_does_not_keep_the_others_away(studio: Studio, tmp_path: Path, damage: bytes) -> None:
    sentences = tiny.sentences()
    path = tmp_path / "damaged.txt"
    lines = [line.encode() for line in sentences[:120]]
    path.write_bytes(b"\n".join([*lines[:60], "坏".encode() + damage + "行".encode(), *lines[60:]]))
    report = json.loads(studio("data", "prepare", path, "--json").out)
    assert report["sources"][0]["documents"] == len(set(sentences[:120]))
    (note,) = [note for note in report["notes"] if "set aside (line 61: " in note]
    assert "1 line set aside" in note
    (found,) = json.loads(studio("data", "doctor", path, "--json", "--only", "undecodable").out)["reports"]
    (finding,) = found["findings"]
    assert (finding["count"], finding["fix"], finding["examples"][0]["line"]) == (1, None, 61)
    (tmp_path / "noise.txt").write_bytes(random.Random(3).randbytes(50_000))
    for verb in ("prepare", "doctor"):
        refused = studio("data", verb, tmp_path / "noise.txt")
        assert (refused.status, "is not text" in refused.err) == (2, True)
