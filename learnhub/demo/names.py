"""Invented names as they occur in Yunnan: common ones, minority names with the middle dot, rare characters."""

from __future__ import annotations

from random import Random

SURNAMES = (
    "李王张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜"
    "范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文普矣施沐纳赛者保代念"
)
DOUBLE_SURNAMES = ("欧阳", "司马", "上官", "诸葛", "皇甫", "尉迟")
GIVEN = (
    "伟芳娜敏静丽强磊军洋勇艳杰娟涛明超秀霞平刚桂英华玉萍红建国文志新春梅兰凤翠云海燕林峰雪松柏荣贵福禄寿康宁安泰和顺祥瑞庆"
    "忠孝仁义礼智信廉洁清正光亮辉煌星月晨曦雨露阳山川江河湖田禾谷丰登思源念恩怀远致博学雅静怡然若彤梓涵子轩浩宇俊豪"
)
RARE_GIVEN = ("䶮", "堃", "喆", "犇", "淼", "垚", "赟", "㛃", "𬭎", "玥", "昇", "頔", "𫖯", "禛", "玊", "昪")
RARE_SURNAMES = ("逄", "亓", "仉", "乜", "郄", "昝", "禤", "竜", "佴", "妫")
DOTTED = (
    ("阿依", "木嘎", "扎西", "岩温", "玉罕", "沙玛", "吉克", "阿侯", "勒木", "罗布", "格桑", "娜姆"),
    ("古丽", "阿支", "次仁", "叫香", "拉珠", "石布", "曲布", "日哈", "顿珠", "卓玛", "央宗", "达瓦"),
)


def person_name(random: Random) -> str:
    """One name: about 3 in 100 carry a middle dot, 2 in 100 a rare character, 1 in 100 a double surname."""
    draw = random.random()
    if draw < 0.03:
        return f"{random.choice(DOTTED[0])}·{random.choice(DOTTED[1])}"
    if draw < 0.04:
        return random.choice(RARE_SURNAMES) + random.choice(GIVEN) + random.choice(GIVEN)
    if draw < 0.05:
        return random.choice(SURNAMES) + random.choice(GIVEN) + random.choice(RARE_GIVEN)
    surname = random.choice(DOUBLE_SURNAMES) if draw < 0.06 else random.choice(SURNAMES)
    return surname + random.choice(GIVEN) + (random.choice(GIVEN) if random.random() < 0.8 else "")
