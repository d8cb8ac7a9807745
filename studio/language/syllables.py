"""The toneless syllables of Mandarin, and the many ways in which people write them."""

from __future__ import annotations

import re
import unicodedata

_TABLE = """
a ai an ang ao
ba bai ban bang bao bei ben beng bi bian biang biao bie bin bing bo bu
ca cai can cang cao ce cei cen ceng cha chai chan chang chao che chen cheng chi chong chou chu chua chuai chuan
chuang chui chun chuo ci cong cou cu cuan cui cun cuo
da dai dan dang dao de dei den deng di dia dian diao die ding diu dong dou du duan dui dun duo
e ei en eng er
fa fan fang fei fen feng fiao fo fou fu
ga gai gan gang gao ge gei gen geng gong gou gu gua guai guan guang gui gun guo
ha hai han hang hao he hei hen heng hm hng hong hou hu hua huai huan huang hui hun huo
ji jia jian jiang jiao jie jin jing jiong jiu ju juan jue jun
ka kai kan kang kao ke kei ken keng kong kou ku kua kuai kuan kuang kui kun kuo
la lai lan lang lao le lei len leng li lia lian liang liao lie lin ling liu lo long lou lu luan lun luo lv lve
m ma mai man mang mao me mei men meng mi mian miao mie min ming miu mo mou mu
n na nai nan nang nao ne nei nen neng ng ni nia nian niang niao nie nin ning niu nong nou nu nuan nun nuo nv nve
o ou
pa pai pan pang pao pei pen peng pi pian piao pie pin ping po pou pu
qi qia qian qiang qiao qie qin qing qiong qiu qu quan que qun
ran rang rao re ren reng ri rong rou ru rua ruan rui run ruo
sa sai san sang sao se sen seng sha shai shan shang shao she shei shen sheng shi shou shu shua shuai shuan shuang
shui shun shuo si song sou su suan sui sun suo
ta tai tan tang tao te tei teng ti tian tiao tie ting tong tou tu tuan tui tun tuo
wa wai wan wang wei wen weng wo wu
xi xia xian xiang xiao xie xin xing xiong xiu xu xuan xue xun
ya yan yang yao ye yi yin ying yo yong you yu yuan yue yun
za zai zan zang zao ze zei zen zeng zha zhai zhan zhang zhao zhe zhei zhen zheng zhi zhong zhou zhu zhua zhuai
zhuan zhuang zhui zhun zhuo zi zong zou zu zuan zui zun zuo
"""

SYLLABLES: tuple[str, ...] = tuple(sorted(_TABLE.split()))
"""Every toneless syllable, sorted; ü is written `v` (lv, nv, lve, nve). Rare and interjectional ones included."""

INDEX: dict[str, int] = {syllable: number for number, syllable in enumerate(SYLLABLES)}
"""The place of a syllable in `SYLLABLES`, which is the number that data and models use for it."""

_DIAERESIS = "\u0308"
_CIRCUMFLEX = "\u0302"  # ê, which is typed as e
_TONE_MARKS = "\u0300\u0301\u0304\u030c\u0306\u0307"
_DECORATION = re.compile(f"[{_TONE_MARKS}{_CIRCUMFLEX}]")
_TONE_DIGIT = re.compile(r"[0-5]$")
# After j, q, x and y no plain u exists, so the umlaut is customarily left off there.
_NEEDLESS_V = re.compile(r"^([jqxy])v")


def normalise(syllable: str) -> str:
    """Write a syllable as `SYLLABLES` does: no tone mark or digit, lower case, `v` for ü, lve and nve.

    Raises:
        ValueError: naming what was given, if it is no syllable of Mandarin.
    """
    known = INDEX.get(syllable)
    if known is not None:
        return SYLLABLES[known]
    plain = unicodedata.normalize("NFD", unicodedata.normalize("NFKC", syllable).strip().lower())
    plain = _DECORATION.sub("", plain.replace("ɡ", "g").replace("ɑ", "a"))
    plain = plain.replace("u" + _DIAERESIS, "v").replace("u:", "v")
    plain = _TONE_DIGIT.sub("", plain)
    if plain in ("lue", "nue"):
        plain = plain[0] + "ve"
    plain = _NEEDLESS_V.sub(r"\1u", plain)
    if plain not in INDEX:
        raise ValueError(f"{syllable!r} is no syllable of Mandarin")
    return plain
