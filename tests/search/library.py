"""A small library of own texts, and a source that offers it: what search is tried with."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from learnhub.kernel.db import transaction
from learnhub.kernel.events import DocumentChanged, publish
from learnhub.search.analyse import Cue
from learnhub.search.rules import Kind
from learnhub.search.sources import SearchDocument, Source, caption_documents, register_source

NAME = "shelf"

TEXTS = {
    "village": ("村务公开怎么做", "村务公开栏每季度更新一次。财务收支必须逐笔公布，村民有权查阅。新寨村党委负责监督。"),
    "tobacco": ("烤烟漂浮育苗技术", "育苗大棚要通风。漂浮盘放入营养液，水温保持在十五度以上，防治病虫害。"),
    "water": ("水法要点", "开发、利用、节约、保护水资源。第十二条：国家对水资源实行流域管理。"),
    "land": ("农村土地承包", "承包期内不得收回承包地。土地经营权可以依法流转，流转期限不得超过承包期的剩余期限。"),
    "office": ("办公软件入门", "用 Excel 2016 做统计表，保存为 PDF 文件。LearnHub 支持 5G 网络。"),
    "names": ("先进人物", "阿依古丽·买买提同志，连续三年被评为优秀党务工作者。"),
}

CUES = [
    Cue(0, 4_000, "同志们好，今天我们讲"),
    Cue(4_000, 9_000, "农村集体产权制度改革。"),
    Cue(9_500, 16_000, "第一，清产核资。"),
    Cue(16_000, 24_000, "第二，成员身份确认，"),
    Cue(24_000, 33_000, "要公开、公平、公正。"),
    Cue(35_000, 42_000, "第三，股权量化到人、到户。"),
]


@dataclass
class Shelf:
    """Documents by id that can be put and taken away; every change says DocumentChanged."""

    documents: dict[str, list[SearchDocument]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        register_source(Source(NAME, lambda: list(self.documents), lambda one: list(self.documents.get(one, []))))

    def put(self, key: str, *documents: SearchDocument) -> None:
        """Publishes documents under a key, in place of those before."""
        with transaction():
            self.documents[key] = list(documents)
            publish(DocumentChanged(NAME, key))

    def take(self, key: str) -> None:
        """Withdraws what is under a key."""
        with transaction():
            self.documents.pop(key)
            publish(DocumentChanged(NAME, key))


def lesson(key: str, title: str, body: str, *unit_ids: int, kind: Kind = Kind.LESSON) -> SearchDocument:
    """A plain document."""
    return SearchDocument(key, kind, title, body, f"/lessons/{key}", unit_ids, (("课程", "/courses/1"),), length_s=600)


def captions(*unit_ids: int) -> list[SearchDocument]:
    """The captions of one lecture."""
    return caption_documents(CUES, part="cap", title="产权制度改革讲座", url="/lessons/77", unit_ids=unit_ids)


def fill(shelf: Shelf, unit_id: int) -> None:
    """Puts the whole library on the shelf, published to one unit."""
    for key, (title, body) in TEXTS.items():
        shelf.put(key, lesson(key, title, body, unit_id))
    shelf.put("lecture", *captions(unit_id))


def moved(document: SearchDocument, *unit_ids: int) -> SearchDocument:
    """The same document for other units."""
    return replace(document, unit_ids=unit_ids)


__all__ = ["CUES", "NAME", "TEXTS", "Shelf", "captions", "fill", "lesson", "moved"]
