"""The languages in which sound is spoken here: the codes that files carry, and what people call them."""

from __future__ import annotations

from collections.abc import Iterable

_KNOWN = {  # tag of BCP 47: name, then the codes of ISO 639 that files carry
    "zh-CN": ("国语", "zh", "chi", "zho", "cmn"),
    "yue": ("粤语", "yue"),
    "ii": ("彝语", "ii", "iii"),
    "bo": ("藏语", "bo", "bod", "tib"),
    "hni": ("哈尼语", "hni"),
    "khb": ("傣语（西双版纳）", "khb"),
    "tdd": ("傣语（德宏）", "tdd"),
    "bfs": ("白语", "bfs", "bca", "bfc"),
    "lis": ("傈僳语", "lis"),
    "lhu": ("拉祜语", "lhu"),
    "nxq": ("纳西语", "nxq"),
    "wbm": ("佤语", "wbm", "vwa"),
    "kac": ("景颇语", "kac"),
    "hmn": ("苗语", "hmn"),
    "ium": ("瑶语", "ium"),
    "za": ("壮语", "za", "zha"),
    "ug": ("维吾尔语", "ug", "uig"),
    "mn": ("蒙古语", "mn", "mon", "mvf"),
    "kk": ("哈萨克语", "kk", "kaz"),
    "ko": ("朝鲜语", "ko", "kor"),
    "en": ("English", "en", "eng"),
}
_TAGS = {code: tag for tag, (_name, *codes) in _KNOWN.items() for code in codes}
_ORIGINAL = "原声"
_LONGEST = 40


def tag_of(code: str) -> str:
    """The tag of BCP 47 for a code that a file carries; empty for what is unknown or says nothing.

    >>> tag_of("chi"), tag_of("iii"), tag_of("zh-Hans"), tag_of("und")
    ('zh-CN', 'ii', 'zh-CN', '')
    """
    return _TAGS.get(code.lower().partition("-")[0], "")


def label_sounds(told: Iterable[tuple[str, str]]) -> list[str]:
    """What to call sounds with these (language, title), each by a name of its own.

    >>> label_sounds([("chi", ""), ("iii", ""), ("", "解说"), ("", ""), ("zho", "")])
    ['国语', '彝语', '解说', '原声', '国语 2']
    """
    labels: list[str] = []
    for code, title in told:
        plain = "".join(sign for sign in title if sign.isprintable() and sign not in '",').strip()[:_LONGEST]
        known = _KNOWN.get(tag_of(code))
        wanted = plain or (known[0] if known else _ORIGINAL)
        count = sum(1 for one in labels if one == wanted or one.startswith(f"{wanted} "))
        labels.append(wanted if not count else f"{wanted} {count + 1}")
    return labels
