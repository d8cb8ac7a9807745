"""Readings that pypinyin lacks or has otherwise than people type them.

Found by comparing its readings of the most frequent words with those of two dictionaries and with the
part-of-speech tags of a newspaper corpus; what all three agree on is not here.
"""

from __future__ import annotations

_TABLE = """
似 si  长 chang  青藏 qing zang  进藏 jin zang  藏民 zang min  藏医 zang yi  藏胞 zang bao
有中国特色的社会主义 you zhong guo te se de she hui zhu yi
猛地 meng de  似地 si de  般地 ban de  系统地 xi tong de  一个劲地 yi ge jin de  重重地 zhong zhong de
布什 bu shi  纳什 na shi  希特勒 xi te le  泰勒 tai le  米勒 mi le  加勒比 jia le bi  多普勒 duo pu le
哈佛 ha fo  大佛 da fo  成佛 cheng fo  尼泊尔 ni bo er  什叶派 shi ye pai  莫邪 mo ye  回鹘 hui hu
曾国藩 zeng guo fan  曾庆红 zeng qing hong
太行 tai hang  太行山 tai hang shan  支行 zhi hang  总行 zong hang  该行 gai hang  世行 shi hang  两行 liang hang
几行 ji hang  数行 shu hang  各行 ge hang
重振 chong zhen  重回 chong hui  重整 chong zheng  重塑 chong su  重写 chong xie  重开 chong kai  重罚 zhong fa
重蹈 chong dao  重建 chong jian
弹奏 tan zou  弹唱 tan chang  弹跳 tan tiao  弹压 tan ya  弹指 tan zhi
调低 tiao di  调高 tiao gao  可调 ke tiao  回调 hui tiao  微调 wei tiao  上调 shang tiao  下调 xia tiao
着实 zhuo shi  身着 shen zhuo  穿着 chuan zhe  用不着 yong bu zhao  怎么着 zen me zhe
还款 huan kuan  还有 hai you  露出 lu chu  琢磨 zhuo mo  大夫 dai fu  大出血 da chu xue  流血 liu xue  造血 zao xue
颈椎 jing zhui  颈椎病 jing zhui bing  椎间盘 zhui jian pan  粘膜 nian mo  粘性 nian xing  粘度 nian du
质朴 zhi pu  古朴 gu pu  简朴 jian pu  纯朴 chun pu  素朴 su pu  解法 jie fa  乙炔 yi que  掺杂 chan za
功不可没 gong bu ke mo  花都 hua du  尊长 zun zhang  长满 zhang man  暴晒 bao shai  成行 cheng xing
"""


def _parse() -> dict[str, tuple[str, ...]]:
    readings: dict[str, list[str]] = {}
    current: list[str] = []
    for piece in _TABLE.split():
        if piece.isascii():
            current.append(piece)
        else:
            current = readings[piece] = []
    return {word: tuple(reading) for word, reading in readings.items()}


CORRECTIONS: dict[str, tuple[str, ...]] = _parse()
"""Word to its syllables."""
