"""Text of documents by page, and what is refused."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

import docx
import pptx
import pypdf
import pytest

from learnhub.media.documents import DocumentLimits, PageText, extract_text
from learnhub.media.probe import MediaRefused


def word_file(path: Path, *paragraphs: str) -> Path:
    document = docx.Document()
    for paragraph in paragraphs:
        document.add_paragraph(paragraph)
    document.add_table(1, 2).rows[0].cells[1].text = "表格里的字"
    document.save(str(path))
    return path


def pdf_file(path: Path, pages: int = 2, password: str = "") -> Path:
    writer = pypdf.PdfWriter()
    for _ in range(pages):
        writer.add_blank_page(200, 200)
    if password:
        writer.encrypt(password, algorithm="RC4-128")
    writer.write(path)
    return path


def refusal(path: Path, limits: DocumentLimits | None = None) -> str:
    with pytest.raises(MediaRefused) as refused:
        extract_text(path, limits=limits)
    return refused.value.code


def test_words_of_a_text_come_in_order_with_tables(tmp_path: Path) -> None:
    pages = extract_text(word_file(tmp_path / "a.docx", "乡村振兴", "产业兴旺" * 500, "生态宜居"))
    assert [page.number for page in pages] == [1, 2]
    assert pages[0].text.startswith("乡村振兴")
    assert "表格里的字" in pages[1].text


def test_slides_are_pages_with_their_notes(tmp_path: Path) -> None:
    show = pptx.Presentation()
    for title in ("第一张", "第二张"):
        slide = show.slides.add_slide(show.slide_layouts[0])
        slide.shapes.title.text = title
        slide.notes_slide.notes_text_frame.text = f"{title}的备注"
    show.save(str(tmp_path / "a.pptx"))
    assert extract_text(tmp_path / "a.pptx") == [
        PageText(1, "第一张\n第一张的备注"),
        PageText(2, "第二张\n第二张的备注"),
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030", "utf-16"])
def test_plain_text_is_read_in_any_usual_encoding(tmp_path: Path, encoding: str) -> None:
    (tmp_path / "a.md").write_bytes("# 标题\n\n正文\n".encode(encoding))
    assert extract_text(tmp_path / "a.md") == [PageText(1, "# 标题\n\n正文")]


def test_a_scanned_document_has_pages_without_words(tmp_path: Path) -> None:
    assert extract_text(pdf_file(tmp_path / "a.pdf")) == [PageText(1, ""), PageText(2, "")]


def test_incomplete_locked_and_overlong_documents_are_refused(tmp_path: Path) -> None:
    whole = pdf_file(tmp_path / "a.pdf").read_bytes()
    (tmp_path / "cut.pdf").write_bytes(whole[: len(whole) // 2])
    assert refusal(tmp_path / "cut.pdf") == "media.document_cut_off"
    assert refusal(pdf_file(tmp_path / "locked.pdf", password="geheim")) == "media.document_encrypted"
    assert refusal(pdf_file(tmp_path / "long.pdf", 5), DocumentLimits(pages=4)) == "media.document_too_long"
    word = word_file(tmp_path / "a.docx", "字").read_bytes()
    (tmp_path / "cut.docx").write_bytes(word[: len(word) // 2])
    assert refusal(tmp_path / "cut.docx") == "media.document_cut_off"
    (tmp_path / "nothing.docx").write_bytes(b"\0" * 100)
    assert refusal(tmp_path / "nothing.docx") == "media.unreadable"


def test_a_zip_bomb_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    path = word_file(tmp_path / "bomb.docx", "字")
    with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("word/media/zeros.bin", b"\0" * (30 << 20))
    assert refusal(path) == "media.document_bomb"
    assert refusal(word_file(tmp_path / "many.docx", "字"), DocumentLimits(parts=3)) == "media.document_bomb"


def test_doubled_parts_are_refused(tmp_path: Path) -> None:
    path = word_file(tmp_path / "double.docx", "字")
    with zipfile.ZipFile(path, "a") as archive, pytest.warns(UserWarning, match="Duplicate name"):
        archive.writestr("word/document.xml", "<other/>")
    assert refusal(path) == "media.document_bomb"


def test_characters_are_capped(tmp_path: Path) -> None:
    (tmp_path / "a.txt").write_text("字" * 1500 + "\n" + "字" * 1500, "utf-8")
    pages = extract_text(tmp_path / "a.txt", limits=DocumentLimits(characters=1600))
    assert sum(len(page.text) for page in pages) == 1600


def test_other_archives_are_no_documents(tmp_path: Path) -> None:
    raw = io.BytesIO()
    with zipfile.ZipFile(raw, "w") as archive:
        archive.writestr("../../etc/passwd", "x")
    (tmp_path / "a.docx").write_bytes(raw.getvalue())
    assert refusal(tmp_path / "a.docx") == "media.unreadable"
