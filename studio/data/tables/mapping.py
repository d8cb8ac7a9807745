"""Which column is the text, which the label, and so on: told from names and from what stands in the first rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from studio.data.errors import DataError
from studio.language.syllables import INDEX, normalise
from studio.language.text import hanzi_only
from studio.recipe import NO_COLUMN, TableSource
from studio.runs.datasets import ColumnProfile, ColumnType, Role

SAMPLE = 1000
"""Rows that columns are judged by."""

_WORDS: dict[Role, str] = {
    "text": """
        text texts content contents sentence sentences comment comments review reviews body article passage message
        paragraph txt line 正文 文本 内容 句子 评论 评价 文章 段落 消息 原文 文本内容 评论内容 內容 評論 語句
    """,
    "label": """
        label labels class classes category categories tag sentiment polarity target star stars rating topic label_name
        label_desc 标签 类别 分类 类型 情感 情感倾向 栏目 主题 星级 標籤 類別 分類 評分
    """,
    "pinyin": "pinyin py reading readings 拼音 读音 注音 讀音",
    "group": """
        group group_id doc doc_id docid document document_id article_id book book_id chapter_id thread thread_id session
        session_id dialogue_id conversation_id author author_id user_id 文档 文档编号 分组 组 组别 篇 篇号 书名
    """,
    "date": """
        date time datetime timestamp created created_at published published_at pubdate day 日期 时间 发布时间 日期时间
        创建时间 發佈時間
    """,
}
# A column of these is a target where no other use was found for it: so what is read for other tasks stays what it is.
_TARGET_WORDS = """
    target target_text translation translated tgt trg english en eng output summary abstract highlights title response
    reference rewritten answer 译文 翻译 英文 英语 目标 目标文本 摘要 标题 输出 回答 譯文 翻譯 摘要文本
"""
_TARGETS = frozenset(_TARGET_WORDS.split())
# No column is taken for one of splits by its name: data sets made before there were those stay what they are.
_NAMES = {role: frozenset(words.split()) for role, words in _WORDS.items()}
_NUMBER = re.compile(r"[+-]?(\d+([.,]\d+)*|\d*\.\d+)([eE][+-]?\d+)?%?")
_DATE = re.compile(
    r"\d{4}[-/.年]\d{1,2}([-/.月]\d{1,2}日?)?([T ]\d{1,2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:?\d{2})?)?"
)
_BOOLEANS = frozenset({"true", "false", "yes", "no", "是", "否"})
_BETWEEN = re.compile(r"[\s'’,，;；|]+")
_MOSTLY = 0.9
_TEXT_HANZI = 0.3
_LABEL_LENGTH = 20
_MOST_LABELS = 50
_LABEL_ROWS = 20
_LABEL_SHARE = 5  # rows for each different label, at least
_EXAMPLE = 80


@dataclass(frozen=True)
class Mapping:
    """Where in a row everything stands: places of columns, -1 for none.

    Attributes:
        text: one place or more, in the order in which they are joined.
    """

    text: tuple[int, ...]
    label: int = -1
    pinyin: int = -1
    group: int = -1
    date: int = -1
    split: int = -1
    target: int = -1


@dataclass(frozen=True)
class _Looked:
    """A column with what the choice goes by: rows, mean length, hanzi a row, share of readings among its values."""

    profile: ColumnProfile
    rows: int
    length: float
    hanzi: float
    readings: float


def profiles(names: Sequence[str], sample: Sequence[Sequence[str]]) -> list[ColumnProfile]:
    """What the columns hold, without roles."""
    return [_looked(name, [row[place] for row in sample]).profile for place, name in enumerate(names)]


def assign(
    names: Sequence[str], sample: Sequence[Sequence[str]], source: TableSource, where: str
) -> tuple[Mapping, list[ColumnProfile]]:
    """Give the columns of a file their roles.

    Args:
        names: of the columns.
        sample: the first rows, as many cells each.
        source: what the recipe says: named columns are taken, others are found.
        where: the file, for messages.

    Raises:
        DataError: if a named column is not there.
    """
    looked = [_looked(name, [row[place] for row in sample]) for place, name in enumerate(names)]
    roles: dict[int, tuple[Role, str]] = {}
    text = tuple(_named(name, names, "text", where) for name in source.text)
    for place in text:
        roles[place] = ("text", "named in the recipe")
    wanted: tuple[tuple[Role, str], ...] = (
        ("label", source.label),
        ("pinyin", source.pinyin),
        ("group", source.group),
        ("date", source.date),
        ("split", source.split_column or NO_COLUMN),
        ("target", source.target),
    )
    for role, name in wanted:
        if name and name != NO_COLUMN:
            roles.setdefault(_named(name, names, role, where), (role, "named in the recipe"))
    if not text:
        best, why = _best_text(looked, roles)
        if best >= 0:
            roles[best], text = ("text", why), (best,)
    for role, name in wanted:
        if not name and role != "target" and role not in {given for given, _ in roles.values()}:
            found, why = _find(role, looked, roles)
            if found >= 0:
                roles[found] = (role, why)
    target, why = (-1, "") if source.target else _find_target(looked, roles)
    if target >= 0:
        roles[target] = ("target", why)
    places = {role: place for place, (role, _) in roles.items()}
    mapping = Mapping(
        text,
        label=places.get("label", -1),
        pinyin=places.get("pinyin", -1),
        group=places.get("group", -1),
        date=places.get("date", -1),
        split=places.get("split", -1),
        target=places.get("target", -1),
    )
    shown = [
        replace(one.profile, role=roles[place][0], why=roles[place][1]) if place in roles else one.profile
        for place, one in enumerate(looked)
    ]
    return mapping, shown


def _named(name: str, names: Sequence[str], role: str, where: str) -> int:
    if name in names:
        return names.index(name)
    folded = [one.strip().casefold() for one in names]
    if name.strip().casefold() in folded:
        return folded.index(name.strip().casefold())
    raise DataError(
        f"{where} has no column {name!r}, which is to be its {role}", f"its columns are {', '.join(names)}"
    )


def _looked(name: str, values: list[str]) -> _Looked:
    filled = [value for value in values if value and not value.isspace()]
    joined = "".join(filled)
    solid = len(joined) - sum(map(str.isspace, joined))
    hanzi = len(hanzi_only(joined))
    profile = ColumnProfile(
        name=name,
        type=_type(filled),
        filled=round(len(filled) / max(1, len(values)), 4),
        distinct=len(set(filled)),
        hanzi=round(hanzi / max(1, solid), 4),
        example=filled[0][:_EXAMPLE] if filled else "",
    )
    readings = sum(map(_is_reading, filled[:100])) / max(1, len(filled[:100]))
    return _Looked(
        profile, len(values), len(joined) / max(1, len(filled)), hanzi / max(1, len(values)), readings
    )


def _type(filled: list[str]) -> ColumnType:
    if not filled:
        return "empty"
    enough = _MOSTLY * len(filled)
    kinds: tuple[tuple[ColumnType, int], ...] = (
        ("boolean", sum(value.strip().lower() in _BOOLEANS for value in filled)),
        ("number", sum(_NUMBER.fullmatch(value.strip()) is not None for value in filled)),
        ("date", sum(_DATE.fullmatch(value.strip()) is not None for value in filled)),
    )
    return next((kind for kind, count in kinds if count >= enough), "text")


def _is_reading(value: str) -> bool:
    """Whether a value is syllables of Mandarin and nothing else."""
    parts = [part for part in _BETWEEN.split(value.strip()) if part]
    if not parts or len(parts) > 2000:
        return False
    for part in parts:
        if part in INDEX:
            continue
        try:
            normalise(part)
        except ValueError:
            return False
    return True


def known_name(name: str) -> Role:
    """The role that a column's name says, or "" if it says none."""
    plain = name.strip().casefold().rpartition(".")[2]
    return next((role for role, known in _NAMES.items() if plain in known), "")


def _best_text(looked: list[_Looked], roles: dict[int, tuple[Role, str]]) -> tuple[int, str]:
    free = [place for place in range(len(looked)) if place not in roles]
    named = [place for place in free if known_name(looked[place].profile.name) == "text"]
    with_hanzi = [place for place in named if looked[place].hanzi >= 1]
    if with_hanzi:
        return max(with_hanzi, key=lambda place: looked[place].hanzi), "its name"
    chinese = [place for place in free if looked[place].profile.hanzi >= _TEXT_HANZI]
    if chinese:
        best = max(chinese, key=lambda place: looked[place].hanzi)
        return best, f"{looked[best].profile.hanzi:.0%} hanzi, the most of all columns"
    return (named[0], "its name") if named else (-1, "")


def _find(role: Role, looked: list[_Looked], roles: dict[int, tuple[Role, str]]) -> tuple[int, str]:
    free = [place for place in range(len(looked)) if place not in roles]
    fits = {"label": _is_label, "pinyin": _is_pinyin, "date": _is_date, "group": _is_group}[role]
    for place in free:
        if known_name(looked[place].profile.name) == role and fits(looked[place], named=True):
            return place, "its name"
    if role == "group":
        return -1, ""
    found = [
        place
        for place in free
        if not known_name(looked[place].profile.name) and fits(looked[place], named=False)
    ]
    if not found:
        return -1, ""
    best = min(found, key=lambda place: looked[place].profile.distinct)
    shown = looked[best].profile
    why = {
        "label": f"only {shown.distinct} different values",
        "pinyin": "its values are syllables of pinyin",
        "date": "its values are dates",
    }[role]
    return best, why


def _find_target(looked: list[_Looked], roles: dict[int, tuple[Role, str]]) -> tuple[int, str]:
    """A column of texts beside the text: by its name, or because no other is left."""
    texts = [place for place, one in enumerate(looked) if place not in roles and _is_prose(one)]
    named = [place for place in texts if looked[place].profile.name.strip().casefold() in _TARGETS]
    if named:
        return named[0], "its name"
    # Calling a column `target` says what it is only if it is not what texts are labelled as.
    label = next((place for place, (role, _) in roles.items() if role == "label"), -1)
    if label >= 0 and roles[label][1] == "its name" and _is_prose(looked[label]):
        shown = looked[label]
        if shown.length > _LABEL_LENGTH or shown.profile.distinct > _MOST_LABELS:
            return label, "its name"
    if any(role == "text" for role, _ in roles.values()) and len(texts) == 1:
        return texts[0], "the only other column of texts"
    return -1, ""


def _is_prose(one: _Looked) -> bool:
    """Whether nearly every row has a text of its own."""
    shown = one.profile
    filled = shown.filled * one.rows
    return shown.type == "text" and shown.filled >= _MOSTLY and 2 * shown.distinct > filled


def _is_label(one: _Looked, *, named: bool) -> bool:
    shown = one.profile
    if named:
        return shown.distinct > 0
    return (
        shown.type in ("text", "number", "boolean")
        and 2 <= shown.distinct <= _MOST_LABELS
        and shown.filled >= _MOSTLY
        and one.length <= _LABEL_LENGTH
        and shown.distinct * _LABEL_SHARE <= one.rows
        and one.rows >= _LABEL_ROWS
    )


def _is_pinyin(one: _Looked, *, named: bool) -> bool:
    return one.readings >= (0.5 if named else _MOSTLY) and (named or one.length >= 4)


def _is_date(one: _Looked, *, named: bool) -> bool:
    return one.profile.type == "date" or (named and one.profile.type == "number")


def _is_group(one: _Looked, *, named: bool) -> bool:
    return named and one.profile.distinct > 0
