"""The lab's answers about the files of a source."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.data.errors import DataError
from studio.recipe import RecipeError
from studio.runs import lab_messages
from studio.runs.dataset_requests import InspectSource, PageRows, RowsPaged, SourceInspected
from studio.runs.lab_messages import Request, Response
from studio.runs.requests import CancelRequest, Refused
from studio.worker.datasets import table_of
from tests.worker.processes import Worker


@pytest.fixture(scope="module")
def lab() -> Iterator[Worker]:
    with Worker("lab") as worker:
        worker.until(lambda _: True)
        yield worker
        worker.hang_up()
        assert worker.close() == 0, worker.errors.decode()


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "a.csv"
    path.write_text("text,n\n" + "".join(f"第{n}行,{n}\n" for n in range(3000)) + "坏\n", encoding="utf-8")
    return path


def answer(lab: Worker, request: Request) -> Response:
    lab.say(lab_messages.encode_request(request))
    return lab_messages.decode_response(lab.until(lambda line: json.loads(line)["id"] == request.id))


def test_inspections(lab: Worker, table: Path) -> None:
    source = {"kind": "table", "path": str(table)}
    found = answer(lab, InspectSource(id="i1", source=source, rows=2, whole=True))
    assert isinstance(found, SourceInspected)
    (file,) = found.profile.files
    assert (file.contents.rows, file.set_aside, len(file.preview)) == (3000, 1, 2)
    assert file.bad_lines[0].line == 3002
    quick = answer(lab, InspectSource(id="i2", source=source))
    assert isinstance(quick, SourceInspected)
    assert not quick.profile.files[0].complete


def test_pages(lab: Worker, table: Path) -> None:
    source = {"kind": "table", "path": str(table)}
    found = answer(lab, PageRows(id="p1", source=source, offset=2500, count=2))
    assert isinstance(found, RowsPaged)
    assert (found.total, found.columns, found.offset) == (3000, ("text", "n"), 2500)
    assert [row.cells for row in found.rows] == [("第2500行", "2500"), ("第2501行", "2501")]
    found = answer(lab, PageRows(id="p2", source=source, offset=1, count=1, search="第299"))
    assert isinstance(found, RowsPaged)
    assert (found.total, found.rows[0].number) == (11, 2990)


def test_what_cannot_be_answered_is_refused(lab: Worker, table: Path, tmp_path: Path) -> None:
    missing = answer(
        lab, InspectSource(id="r1", source={"kind": "table", "path": str(tmp_path / "none.csv")})
    )
    assert isinstance(missing, Refused)
    assert (missing.kind, "no file" in missing.message) == ("data", True)
    wrong = answer(lab, PageRows(id="r2", source={"kind": "table", "path": str(table), "format": "doc"}))
    assert isinstance(wrong, Refused)
    assert wrong.kind == "recipe"


def test_an_inspection_can_be_taken_back(lab: Worker, tmp_path: Path) -> None:
    path = tmp_path / "large.txt"
    path.write_text("今天天气很好，我们去公园散步。\n" * 1_000_000, encoding="utf-8")
    lab.say(
        lab_messages.encode_request(
            InspectSource(id="c", source={"kind": "table", "path": str(path)}, whole=True)
        )
    )
    lab.say(lab_messages.encode_request(CancelRequest(id="c")))
    found = lab_messages.decode_response(lab.until(lambda line: json.loads(line)["id"] == "c"))
    assert isinstance(found, Refused)
    assert found.kind == "cancelled"


def test_sources_of_other_kinds() -> None:
    assert table_of({"kind": "file", "path": "/a.txt", "encoding": "big5"}).format == "text"
    with pytest.raises(DataError):
        table_of({"kind": "builtin", "name": "reviews"})
    with pytest.raises(RecipeError):
        table_of({"kind": "file"})
