"""Chinese names: characters to pinyin, and which Latin words are Chinese family or given names.

The family names are the common ones in pinyin, with the spellings of Hong Kong and Taiwan that hardly any other language uses.
They tell the order of the words of a name, how common it may be, and who is in the group of Chinese surnames.
"""

from __future__ import annotations

import functools
import re

from pypinyin import Style, lazy_pinyin

FAMILY_NAMES = frozenset(
    {
        "ai", "an", "ba", "bai", "ban", "bao", "bei", "bi", "bian", "bie", "bo", "bu", "cai", "cang", "cao", "cen", "chai", "chang", "che",
        "chen", "cheng", "chi", "chong", "chou", "chu", "chuai", "chuan", "chun", "cong", "cui", "dai", "dan", "dang", "deng", "di", "diao",
        "ding", "dong", "dou", "du", "duan", "e", "fan", "fang", "fei", "feng", "fu", "gan", "gao", "ge", "geng", "gong", "gou", "gu",
        "guan", "guang", "gui", "guo", "ha", "hai", "han", "hang", "hao", "he", "heng", "hong", "hou", "hu", "hua", "huai", "huan", "huang",
        "hui", "huo", "ji", "jia", "jian", "jiang", "jiao", "jie", "jin", "jing", "jiu", "ju", "kan", "kang", "ke", "kong", "kou", "kuai",
        "kuang", "kui", "lai", "lan", "lang", "lao", "le", "lei", "leng", "li", "lian", "liang", "liao", "lin", "ling", "liu", "long",
        "lou", "lu", "luan", "lun", "luo", "lv", "lyu", "ma", "mai", "man", "mang", "mao", "mei", "men", "meng", "mi", "miao", "min",
        "ming", "mo", "mou", "mu", "na", "nan", "ni", "nian", "nie", "ning", "niu", "nong", "ou", "ouyang", "pan", "pang", "pei", "peng",
        "pi", "pian", "piao", "ping", "pu", "qi", "qian", "qiang", "qiao", "qin", "qing", "qiu", "qu", "quan", "que", "ran", "rao", "ren",
        "rong", "ru", "ruan", "rui", "sa", "sang", "sha", "shan", "shang", "shangguan", "shao", "she", "shen", "sheng", "shi", "shou",
        "shu", "shuai", "shui", "si", "sima", "situ", "song", "su", "sui", "sun", "suo", "tai", "tan", "tang", "tao", "teng", "ti", "tian",
        "tong", "tu", "tuo", "wan", "wang", "wei", "wen", "weng", "wo", "wu", "xi", "xia", "xian", "xiang", "xiao", "xie", "xin", "xing",
        "xiong", "xiu", "xu", "xuan", "xue", "xun", "yan", "yang", "yao", "ye", "yi", "yin", "ying", "yong", "you", "yu", "yuan", "yue",
        "yun", "zai", "zan", "zang", "zeng", "zha", "zhai", "zhan", "zhang", "zhao", "zhen", "zheng", "zhi", "zhong", "zhou", "zhu",
        "zhuang", "zhuge", "zhuo", "zi", "zong", "zou", "zu", "zuo", "dongfang", "gongsun", "huangfu", "linghu", "murong", "nangong",
        "ximen", "xiahou", "yuwen", "zhangsun", "chan", "cheung", "chow", "chui", "fung", "ho", "kwan", "kwok", "kwong", "lam", "lau",
        "leung", "lui", "mak", "ng", "ngai", "siu", "szeto", "tsai", "tsang", "tse", "tseng", "tsoi", "tsui", "wong", "yeung", "yip",
        "yuen",
    }
)  # fmt: skip
COMPOUND = frozenset(
    {
        "dongfang", "gongsun", "huangfu", "linghu", "murong", "nangong", "ouyang", "shangguan", "sima", "situ", "xiahou", "ximen", "yuwen",
        "zhangsun", "zhuge",
    }
)  # fmt: skip
SYLLABLE = re.compile(
    r"(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?"
    r"(?:iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan|ai|an|ao|ei|en|er|ia|ie|in|iu|ou|ua|ue|ui|un|uo|ve|a|e|i|o|u|v)"
)
HAN = re.compile("[\u3400-\u9fff\U00020000-\U0003ffff]")


def has_han(text: str) -> bool:
    return not text.isascii() and bool(HAN.search(text))


@functools.lru_cache(maxsize=16_384)
def syllables(word: str) -> int:
    """How many pinyin syllables a word has at least; 0 where it is not pinyin.

    >>> syllables("xiaoming"), syllables("wei"), syllables("smith"), syllables("xian")
    (2, 1, 0, 1)
    """
    reach: dict[int, int] = {0: 0}
    for start in range(len(word)):
        if start not in reach:
            continue
        for end in range(start + 1, min(start + 6, len(word)) + 1):
            if SYLLABLE.fullmatch(word, start, end):
                reach[end] = min(reach.get(end, 99), reach[start] + 1)
    return reach.get(len(word), 0)


@functools.lru_cache(maxsize=4_096)
def latin_of_han(text: str) -> tuple[str, str]:
    """(given name, family name) in pinyin of a name in Chinese characters, as Chinese write it: family name first.

    >>> latin_of_han("江常皓"), latin_of_han("欧阳修")
    (('changhao', 'jiang'), ('xiu', 'ouyang'))
    """
    read = [syllable.replace("ü", "v") for syllable in lazy_pinyin("".join(text.split()), style=Style.NORMAL)]
    family = 2 if len(read) > 2 and "".join(read[:2]) in COMPOUND else 1
    return "".join(read[family:]), "".join(read[:family])


def is_family_first(words: tuple[str, ...]) -> bool:
    """Whether two words are a Chinese name in Chinese order: a family name, then a given name of two syllables that is no family name.

    >>> is_family_first(("zhang", "xiaoming")), is_family_first(("xiaoming", "zhang")), is_family_first(("wang", "wei"))
    (True, False, False)
    """
    return (
        len(words) == 2
        and words[0] in FAMILY_NAMES
        and words[1] not in FAMILY_NAMES
        and syllables(words[1]) == 2
    )  # fmt: skip
