"""Cut Noto Sans (Simplified Chinese) down to what the window shows, and rename it.

Run by hand when the set of characters changes; the result is committed under resources/fonts/. Needs fonttools, and the
OTF files of the npm package `@embedpdf/fonts-sc` 1.0.0 unpacked somewhere:

    npm pack @embedpdf/fonts-sc@1.0.0 && tar xzf embedpdf-fonts-sc-1.0.0.tgz
    python packaging/subset_fonts.py package/fonts resources/fonts

The family gets a name of our own because "Noto Sans" is a reserved font name: a changed copy must not bear it.
"""

from __future__ import annotations

import sys
from pathlib import Path

from fontTools import subset
from fontTools.ttLib import TTFont

FAMILY = "Hanzi Studio Sans"
WEIGHTS = ("Regular", "Bold")
PINYIN = "āáǎàēéěèīíǐìōóǒòūúǔùǖǘǚǜüńňǹḿêĀÁǍÀĒÉĚÈĪÍǏÌŌÓǑÒŪÚǓÙǕǗǙǛÜŃŇǸḾÊ"
SYMBOLS = "…—–·“”‘’×÷±≈≠≤≥°™©®№€£¥←↑→↓↔↵⇧⌘⌫✓●○■□▲△▼▽▶◀◆◇★☆⌃⌥∞∑√∆µ‰†‡•‣█▌▐░▒▓│─┌┐└┘├┤┬┴┼"


def double_byte(encoding: str, leads: range, trails: range) -> set[str]:
    """Every character of a double-byte encoding between the given lead and trail bytes."""
    pairs = (bytes([lead, trail]).decode(encoding, errors="ignore") for lead in leads for trail in trails)
    return {character for character in pairs if character}


def characters() -> set[str]:
    """GB 2312 and the frequent traditional characters, Latin, pinyin letters, symbols."""
    gb2312 = double_byte("gb2312", range(0xA1, 0xF8), range(0xA1, 0xFF))
    # The first plane of Big5: the 5,401 traditional characters in daily use, for the conversion between scripts.
    frequent_traditional = double_byte("big5", range(0xA4, 0xC7), range(0x40, 0xFF))
    latin = {chr(code) for code in (*range(0x20, 0x7F), *range(0xA0, 0x180), *range(0x2000, 0x2070))}
    full_width = {chr(code) for code in (*range(0x3000, 0x3040), *range(0xFF00, 0xFFF0))}
    return gb2312 | frequent_traditional | latin | full_width | set(PINYIN) | set(SYMBOLS)


def cut(source: Path, target: Path, weight: str) -> None:
    """Write the subset of one weight under its new name."""
    options = subset.Options()
    options.hinting = False
    options.desubroutinize = False
    options.layout_features = ["kern", "mark", "mkmk", "ccmp"]
    options.name_IDs = ["*"]
    options.drop_tables += ["VORG", "vhea", "vmtx", "DSIG", "BASE"]
    font = TTFont(source)
    subsetter = subset.Subsetter(options)
    subsetter.populate(text="".join(sorted(characters())))
    subsetter.subset(font)
    rename(font, weight)
    set_line_height(font)
    font.save(target)
    print(f"{target}: {len(font.getBestCmap())} characters, {target.stat().st_size / 1e6:.1f} MB")


def rename(font: TTFont, weight: str) -> None:
    """Give the font our family name; the copyright, designer and licence records stay as they are."""
    postscript = f"{FAMILY.replace(' ', '')}-{weight}"
    names = {1: FAMILY, 2: weight, 3: f"1.000;{postscript}", 4: f"{FAMILY} {weight}", 6: postscript}
    table = font["name"]
    table.names = [record for record in table.names if record.platformID == 3 and record.langID == 0x409]
    for obsolete in (16, 17, 18, 21, 22):
        table.removeNames(nameID=obsolete)
    for name_id, value in names.items():
        table.setName(value, name_id, 3, 1, 0x409)
    top = font["CFF "].cff
    top.fontNames = [postscript]
    top.topDictIndex[0].FamilyName = FAMILY
    top.topDictIndex[0].FullName = f"{FAMILY} {weight}"
    top.topDictIndex[0].Weight = weight


def set_line_height(font: TTFont) -> None:
    """Room for the whole of `gpÅ`: the originals claim lines of one em, in which Qt cuts letters off at the bottom."""
    for ascender, descender, gap, table in (
        ("ascent", "descent", "lineGap", font["hhea"]),
        ("sTypoAscender", "sTypoDescender", "sTypoLineGap", font["OS/2"]),
    ):
        setattr(table, ascender, 1060)
        setattr(table, descender, -300)
        setattr(table, gap, 0)


def main(arguments: list[str]) -> int:
    """Cut every weight; the two arguments are the folder of the originals and the folder of the results."""
    if len(arguments) != 2:
        print("usage: subset_fonts.py FOLDER_WITH_ORIGINALS FOLDER_FOR_RESULTS", file=sys.stderr)
        return 2
    source, target = Path(arguments[0]), Path(arguments[1])
    target.mkdir(parents=True, exist_ok=True)
    for weight in WEIGHTS:
        cut(source / f"NotoSansHans-{weight}.otf", target / f"HanziStudioSans-{weight}.otf", weight)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
