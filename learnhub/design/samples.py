"""Invented content for the gallery: long, short, empty and refused."""

from __future__ import annotations

from datetime import date
from typing import Any

from learnhub.design.i18n import current_locale
from learnhub.kernel.paging import Page

CHINESE: dict[str, Any] = {
    "course": "新时代党的民族工作与铸牢中华民族共同体意识：以云南边境县区基层实践为例（修订版）",
    "courses": [
        ("乡村振兴促进法解读", "法律法规", ["视频", "6 课时", "3 学时", "市级"], 0.45, [("指定学习", "warn")]),
        ("烤烟绿色防控与采收技术要点", "农业技术", ["视频", "4 课时", "1.5 学时", "县级"], None, []),
        (
            "新时代党的民族工作与铸牢中华民族共同体意识：以云南边境县区基层实践为例（修订版）",
            "党的理论", ["图文", "12 课时", "6 学时", "市级"], 1.0, [("已完成", "good")],
        ),
        ("村务公开与小微权力清单", "基层治理", ["图文", "3 课时", "0.75 学时", "乡镇"], 0.0, []),
    ],
    "people": [
        ("李㛃", "红塔区玉带街道办事处", "乡科级正职", 4225, 0.85, "good", "已达标"),
        ("阿卜杜拉·买买提江", "元江哈尼族彝族傣族自治县曼来镇人民政府农业农村发展服务中心", "一级科员", 1250, 0.25, "warn", "还差 37.5 学时"),
        ("王𬱖", "新平彝族傣族自治县戛洒镇", "四级主任科员", 0, 0.0, "bad", "未开始"),
    ],
    "units": [("红塔区", 4821, "92%"), ("江川区", 3950, "84%"), ("元江哈尼族彝族傣族自治县", 2410, "61%"), ("易门县", 0, "0%")],
    "snippet": [("推进", False), ("乡村振兴", True), ("，必须坚持农民主体地位，全面实施", False), ("乡村振兴", True), ("战略，开展促进乡村产业、人才、文化、生态、组织振兴……", False)],
    "sessions": ["《乡村振兴促进法》集中学习", "防汛减灾知识", "党员冬训第一课"],
    "sentence": "本月第二次集中学习已安排在 15 日上午，请提前十分钟到站点签到。",
}  # fmt: skip
ENGLISH: dict[str, Any] = {
    "course": "The Party's work with ethnic groups in the new era: what the border counties of Yunnan have learnt (revised)",
    "courses": [
        ("The law on rural revitalisation explained", "Law", ["Video", "6 lessons", "3 hours", "City"], 0.45, [("Assigned", "warn")]),
        ("Tobacco: protecting and harvesting the crop", "Farming", ["Video", "4 lessons", "1.5 hours", "County"], None, []),
        (
            "The Party's work with ethnic groups in the new era: what the border counties of Yunnan have learnt (revised)",
            "Theory", ["Text", "12 lessons", "6 hours", "City"], 1.0, [("Completed", "good")],
        ),
        ("Open village affairs", "Local government", ["Text", "3 lessons", "0.75 hours", "Township"], 0.0, []),
    ],
    "people": [
        ("Li Jie", "Yudai street office, Hongta district", "Section head", 4225, 0.85, "good", "Reached"),
        ("Abdulla Muhammatjan", "Agricultural and rural development service centre, Manlai town, Yuanjiang county", "Clerk, first class", 1250, 0.25, "warn", "37.5 hours missing"),
        ("Wang Wei", "Jiasa town, Xinping county", "Chief clerk, fourth class", 0, 0.0, "bad", "Not begun"),
    ],
    "units": [("Hongta", 4821, "92%"), ("Jiangchuan", 3950, "84%"), ("Yuanjiang Hani, Yi and Dai county", 2410, "61%"), ("Yimen", 0, "0%")],
    "snippet": [("To promote ", False), ("rural revitalisation", True), (" the leading place of the farmers must be kept; ", False), ("rural revitalisation", True), (" covers trades, people, culture, nature and organisation …", False)],
    "sessions": ["The law on rural revitalisation", "Floods: what to do", "Winter training, first lesson"],
    "sentence": "The second session of this month is on the 15th in the morning; please be there ten minutes early.",
}  # fmt: skip


def for_gallery() -> dict[str, Any]:
    """The values of the gallery's template in the current language."""
    words = CHINESE if current_locale() == "zh_CN" else ENGLISH
    people = words["people"]
    titles = words["sessions"]
    return {
        "sample": words,
        "page": Page(people, 7, 20, 4821),
        "year": 2026,
        "month": 11,
        "today": date(2026, 11, 12),
        "entries": {
            date(2026, 11, 5): [{"text": titles[0], "time": "09:00", "href": "#calendar", "kind": "held"}],
            date(2026, 11, 15): [
                {"text": titles[0], "time": "09:00", "href": "#calendar", "kind": "plan"},
                {"text": titles[1], "time": "14:30", "href": "#calendar", "kind": "clash"},
            ],
            date(2026, 11, 25): [{"text": titles[2], "time": "19:30", "href": "#calendar", "kind": "cancelled"}],
        },
        "chart_rows": [{"label": name, "value": value, "text": text} for name, value, text in words["units"]],
    }
