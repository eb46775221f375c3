"""Which column is which: headings as offices write them, over one row or two; what is never collected. Pure."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass

from learnhub.kernel.text import fold
from learnhub.org.roster.cells import Cell

SYNONYMS: dict[str, tuple[str, ...]] = {
    "record": ("系统编号", "record no", "record number"),
    "name": (
        *("姓名", "人员姓名", "名字", "职工姓名", "干部姓名", "党员姓名", "学员姓名", "员工姓名", "中文姓名"),
        *("name", "full name", "person", "person name"),
    ),
    "staff_no": (
        *("工号", "人员编号", "职工号", "职工编号", "员工编号", "员工号", "人员编码", "学号", "学员编号", "工作证号"),
        *(
            "人员代码",
            "干部编号",
            "staff no",
            "staff number",
            "employee no",
            "employee number",
            "personnel no",
            "staff id",
        ),
    ),
    "unit_code": (
        *(
            "单位代码",
            "单位编码",
            "所属单位代码",
            "机构代码",
            "机构编码",
            "部门代码",
            "组织代码",
            "行政区划代码",
            "区划代码",
        ),
        *("unit code", "org code", "department code", "organisation code", "organization code"),
    ),
    "unit": (
        *("单位", "单位名称", "所属单位", "工作单位", "所在单位", "部门", "部门名称", "机构", "机构名称", "所属机构"),
        *("单位全称", "单位路径", "所属部门", "村(社区)", "村社区", "unit", "unit name", "department", "organisation"),
        *("organization", "office", "工作单位全称"),
    ),
    "county": ("县区", "县(市、区)", "县(市区)", "县市区", "区县", "所属县区", "所在县区", "county", "district"),
    "township": ("乡镇", "乡镇街道", "乡镇(街道)", "乡(镇、街道)", "所属乡镇", "所在乡镇", "township", "town"),
    "branch": (
        *("党支部", "所属党支部", "所在党支部", "党支部名称", "党支部代码", "党组织", "所属党组织", "所在党组织"),
        *("党组织名称", "组织关系所在党支部", "组织关系", "支部", "所属支部", "所在支部", "支部名称", "party branch"),
        *("branch", "party organisation", "party organization"),
    ),
    "rank": (
        *(
            "职级",
            "干部标识",
            "级别",
            "行政级别",
            "职务级别",
            "现职级",
            "干部级别",
            "职务层次",
            "rank",
            "grade",
            "level",
        ),
        *("personnel kind", "人员类别"),
    ),
    "duty": (
        *("职务", "现任职务", "工作职务", "岗位", "职务名称", "工作岗位", "单位职务", "党内职务", "post", "duty"),
        *("position", "job title", "title"),
    ),
    "in_service": ("在职", "是否在职", "在岗", "是否在岗", "在职状态", "in service", "active"),
    "since": (
        "到岗日期",
        "到岗时间",
        "入职日期",
        "入职时间",
        "任现职时间",
        "任现职日期",
        "start date",
        "since",
        "from",
    ),
}
"""Field → headings as people write them; compared folded, without white space, colons and stars."""

FIELDS = tuple(SYNONYMS)

NOT_COLLECTED = (
    *("身份证号", "身份证", "身份证号码", "公民身份号码", "证件号", "证件号码", "身份号码", "社会保障号", "社保号"),
    *("手机号", "手机", "手机号码", "联系电话", "电话", "移动电话", "联系方式", "电话号码", "住址", "家庭住址"),
    *("银行卡号", "银行账号", "微信号", "邮箱", "电子邮箱", "密码", "护照号"),
    *("identity number", "id number", "id card", "national id", "phone", "mobile", "telephone", "address", "e-mail"),
    *("email", "bank account", "password"),
)
"""Headings whose cells are dropped while the file is read: LearnHub neither needs nor keeps them."""

_KNOWN_ELSE = (
    *(
        "序号",
        "编号",
        "性别",
        "民族",
        "出生年月",
        "出生日期",
        "政治面貌",
        "学历",
        "备注",
        "籍贯",
        "年龄",
        "no",
        "gender",
    ),
    *(
        "user name",
        "用户名",
        "remark",
        "birthday",
        "学时",
        "培训学时",
        "培训方式",
        "开始学习时间",
        "完成学习时间",
        "账号",
    ),
    *("行号", "结果", "原因", "row", "result", "reason", "sex", "notes"),
)
"""Headings that help to recognise the row of headings, and are not used."""


def plain(heading: str) -> str:
    """A heading for comparing."""
    return re.sub(
        r"[\s:：*＊]|^[(（]?必填[)）]?|[(（]必填[)）]$", "", fold(heading).replace("（", "(").replace("）", ")")
    )


_FIELD_OF = {plain(one): field for field, words in SYNONYMS.items() for one in words}
_NOT_COLLECTED = frozenset(map(plain, NOT_COLLECTED))
_ELSE = frozenset(map(plain, _KNOWN_ELSE))


def field_of(heading: str) -> str:
    """The field that a heading names; empty when it names none."""
    return _FIELD_OF.get(plain(heading), "")


def is_not_collected(heading: str) -> bool:
    """True for a column that must not be read, also under a longer heading (法人身份证号, 手机号1)."""
    folded = plain(heading)
    return folded in _NOT_COLLECTED or any(
        word in folded for word in ("身份证", "身份号码", "手机号", "银行卡", "证件号")
    )


@dataclass(frozen=True)
class Headings:
    """The row or two rows of headings: ``first`` and ``last`` are places in the rows given, ``names`` one per column.

    ``hidden``: places of the columns that are hidden in the spreadsheet; they are used only when somebody says so.
    """

    first: int
    last: int
    names: tuple[str, ...]
    hidden: frozenset[int] = frozenset()

    @property
    def key(self) -> str:
        """The same for the same headings in the same order: what corrections are remembered by."""
        marked = [("\x1e" if at in self.hidden else "") + plain(name) for at, name in enumerate(self.names)]
        return hashlib.sha256("\x1f".join(marked).encode()).hexdigest()

    def columns(self) -> list[str]:
        """The field of each column as far as the headings tell; of two columns with one field the first has it."""
        fields: list[str] = []
        for at, name in enumerate(self.names):
            field = "" if is_not_collected(name) or at in self.hidden else field_of(name)
            fields.append("" if field in fields else field)
        return fields


def find_headings(rows: Sequence[Sequence[Cell]]) -> Headings | None:
    """The headings among the first rows of a sheet: the row, or pair of rows, with the most known names.

    At least two must be known (a title row holds one text); None when no row has them. A pair must know more than
    either of its rows alone.
    """
    best: tuple[tuple[int, bool], Headings] | None = None
    for at in range(len(rows)):
        single = Headings(at, at, tuple(_texts(rows[at])))
        candidates = [single]
        if at + 1 < len(rows):
            candidates.append(Headings(at, at + 1, _joined(_texts(rows[at]), _texts(rows[at + 1]))))
        for one in candidates:
            score = (sum(map(_is_known, one.names)), one is single)
            if score[0] >= 2 and (best is None or score > best[0]):
                best = score, one
    return best[1] if best else None


def first_wide_row(rows: Sequence[Sequence[Cell]]) -> Headings | None:
    """Where no headings are known: the first row with two texts or more, for a person to say what they mean."""
    for at, row in enumerate(rows):
        if sum(bool(text) for text in _texts(row)) >= 2:
            return Headings(at, at, tuple(_texts(row)))
    return None


def _is_known(name: str) -> bool:
    return bool(name) and (bool(field_of(name)) or is_not_collected(name) or plain(name) in _ELSE)


def _texts(row: Sequence[Cell]) -> list[str]:
    return [cell if isinstance(cell, str) else cell.shown for cell in row]


def _joined(above: list[str], below: list[str]) -> tuple[str, ...]:
    """Two rows of headings as one: a heading above several columns counts for each that has one below it."""
    width = max(len(above), len(below))
    above = above + [""] * (width - len(above))
    below = below + [""] * (width - len(below))
    names, over = [], ""
    for top, bottom in zip(above, below, strict=True):
        over = top or (over if bottom else "")
        names.append(_one_name(over, bottom, top))
    return tuple(names)


def _one_name(over: str, bottom: str, top: str) -> str:
    if not bottom or bottom == top:
        return top
    for candidate in (over + bottom, bottom, top):
        if _is_known(candidate):
            return candidate
    return f"{over} {bottom}".strip()


_SUM = re.compile(r"(本页|本表)?(小计|合计|总计|共计|累计|平均|subtotal|total|sum|average)([:：(（].*)?")
_NOTE = re.compile(
    r"(填表|制表|审核|填报|注|备注|说明|单位(（盖章）|\(盖章\)|负责人)|打印|第\d+页|联系人|以上|note|printed)"
)


def is_subtotal(cells: Sequence[Cell], name_at: int | None) -> bool:
    """True for a row of sums: one of its first three texts says so, and no other stands where the name would."""
    texts = [re.sub(r"\s", "", fold(cell)) for cell in cells if isinstance(cell, str) and cell]
    if not any(_SUM.fullmatch(text) for text in texts[:3]):
        return False
    name = cells[name_at] if name_at is not None and name_at < len(cells) else ""
    return (
        name == ""
        or not isinstance(name, str)
        or bool(_SUM.fullmatch(re.sub(r"\s", "", fold(name))) or name.isdecimal())
    )


def is_note(cells: Sequence[Cell]) -> bool:
    """True for a line below or between the data that is no row: few texts, the first one a note's beginning."""
    texts = [cell for cell in cells if isinstance(cell, str) and cell]
    return 0 < len(texts) <= 3 and len(texts) == sum(cell != "" for cell in cells) and bool(_NOTE.match(fold(texts[0])))


def is_numbering(cells: Sequence[Cell]) -> bool:
    """True for the row of column numbers that forms have below their headings: 1, 2, 3 …"""
    texts = [cell for cell in cells if cell != ""]
    return len(texts) >= 3 and texts == [str(number) for number in range(1, len(texts) + 1)]
