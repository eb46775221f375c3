"""Collect the words of a feature and merge them into its Chinese catalogue.

    python scripts/messages.py catalog        extract, merge, write learnhub/catalog/translations/zh_CN.po
    python scripts/messages.py all            the same for every feature
    python scripts/messages.py --check        write nothing; fail when anything is missing, fuzzy or obsolete

New messages take a translation from another feature's catalogue when one has it; the rest is left empty for
a person to fill in. The files carry no dates and no line numbers, so that a change shows only changed words.
"""

from __future__ import annotations

import argparse
import io
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parent.parent / "learnhub"
LOCALE = "zh_CN"
METHODS = [("**.py", "python"), ("**/templates/**.html", "jinja2.ext:babel_extract")]
OPTIONS = {"**/templates/**.html": {"extensions": "jinja2.ext.i18n", "newstyle_gettext": "true", "silent": "false"}}
KEYWORDS = {
    "_": None, "_l": None, "_n": (1, 2), "_p": ((1, "c"), 2),
    "gettext": None, "ngettext": (1, 2), "pgettext": ((1, "c"), 2),
}  # fmt: skip
PLACEHOLDER = re.compile(r"%\((\w+)\)[sd]")
Key = tuple[str | None, str]


def main(arguments: list[str] | None = None) -> int:
    """Run the command; the exit code is 1 when the check found something."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("feature", nargs="?", default="all")
    parser.add_argument("--check", action="store_true", help="write nothing, report what is wrong")
    chosen = parser.parse_args(arguments)
    names = features() if chosen.feature == "all" else [chosen.feature]
    if chosen.check:
        problems = [problem for name in names for problem in problems_of(name)]
        problems += contradictions()
        print("\n".join(problems) or "translations complete")
        return 1 if problems else 0
    for name in names:
        empty = update(name)
        if empty is not None:
            print(f"{catalogue_path(name).relative_to(ROOT.parent)}: {empty} to translate")
    return 0


def features() -> list[str]:
    """The folders of learnhub/ that hold code, and `app` for the modules beside them."""
    return [path.name for path in sorted(ROOT.iterdir()) if path.is_dir() and path.name != "__pycache__"]


def catalogue_path(feature: str) -> Path:
    """Where a feature's Chinese words are kept."""
    return ROOT / feature / "translations" / f"{LOCALE}.po"


def extract(feature: str) -> Catalog:
    """The messages that the feature's code and templates say today, without translations."""
    found = Catalog(locale=LOCALE)
    rows = extract_from_dir(
        str(ROOT / feature), method_map=METHODS, options_map=OPTIONS, keywords=KEYWORDS,
        comment_tags=("translators:",), strip_comment_tags=True,
    )  # fmt: skip
    for _file, _line, message, comments, context in rows:
        found.add(message, context=context, auto_comments=comments)
    return found


def read(feature: str) -> Catalog:
    """The feature's catalogue as it is on disk; empty when there is none yet."""
    path = catalogue_path(feature)
    if not path.is_file():
        return Catalog(locale=LOCALE)
    with path.open("rb") as file:
        return read_po(file, locale=LOCALE)


def entries(catalogue: Catalog) -> Iterator[tuple[Key, Message]]:
    """Each message with the key by which it is looked up at run time."""
    for message in catalogue:
        if message.id:
            yield key_of(message), message


def key_of(message: Message) -> Key:
    """Context and singular."""
    return message.context, message.id if isinstance(message.id, str) else message.id[0]


def forms_of(message: Message) -> tuple[str, ...]:
    """The translated forms; Chinese has one."""
    return (message.string,) if isinstance(message.string, str) else tuple(message.string or ())


def known_elsewhere(feature: str) -> dict[Key, str]:
    """Translations that other features already use, so that one English word has one Chinese word."""
    found: dict[Key, str] = {}
    for name in features():
        if name != feature:
            for key, message in entries(read(name)):
                if all(forms_of(message)):
                    found.setdefault(key, forms_of(message)[0])
    return found


def update(feature: str) -> int | None:
    """Merge today's messages into the catalogue; returns how many are untranslated, None if there is no message."""
    wanted, kept, elsewhere = extract(feature), dict(entries(read(feature))), known_elsewhere(feature)
    merged = Catalog(locale=LOCALE, header_comment="# Chinese words of this part of LearnHub.", fuzzy=False)
    empty = 0
    for key, message in sorted(entries(wanted), key=lambda entry: (entry[0][1], entry[0][0] or "")):
        old = kept.get(key)
        words = forms_of(old)[0] if old is not None and all(forms_of(old)) else elsewhere.get(key, "")
        empty += not words
        string = words if isinstance(message.id, str) else (words,)
        merged.add(message.id, string, context=message.context, auto_comments=message.auto_comments)
    path = catalogue_path(feature)
    if len(merged) == 0:
        path.unlink(missing_ok=True)
        return None
    path.parent.mkdir(exist_ok=True)
    buffer = io.BytesIO()
    write_po(buffer, merged, width=110, no_location=True, omit_header=True, sort_output=False)
    path.write_bytes(HEADER.encode() + buffer.getvalue().rstrip() + b"\n")
    return empty


HEADER = """# Chinese words of this part of LearnHub.
msgid ""
msgstr ""
"Language: zh_CN\\n"
"Content-Type: text/plain; charset=utf-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=1; plural=0;\\n"

"""


def problems_of(feature: str) -> list[str]:
    """Sentences about everything in a feature that is missing, fuzzy, obsolete or has other placeholders."""
    catalogue, wanted = read(feature), dict(entries(extract(feature)))
    have = dict(entries(catalogue))
    found = [
        f"{feature}: no translation of {key[1]!r}" for key in sorted_keys(wanted) if not is_translated(have.get(key))
    ]
    found += [f"{feature}: no longer used: {key[1]!r}" for key in sorted_keys(have) if key not in wanted]
    found += [f"{feature}: obsolete: {key!r}" for key in catalogue.obsolete]
    for key, message in have.items():
        if message.fuzzy:
            found.append(f"{feature}: fuzzy: {key[1]!r}")
        if is_translated(message) and placeholders(message.id) != placeholders(message.string):
            found.append(f"{feature}: other placeholders in the translation of {key[1]!r}")
    return found


def sorted_keys(table: dict[Key, Message]) -> list[Key]:
    """Keys in a stable order."""
    return sorted(table, key=lambda key: (key[1], key[0] or ""))


def is_translated(message: Message | None) -> bool:
    """Whether every form has words."""
    return message is not None and any(forms_of(message)) and all(forms_of(message))


def placeholders(words: str | Sequence[str] | None) -> set[str]:
    """The named parameters; of a plural, those of its last form, since a singular may say 'one'."""
    return set(PLACEHOLDER.findall(words if isinstance(words, str) else (words or ("",))[-1]))


def contradictions() -> list[str]:
    """One English message with two Chinese ones: the merged table can hold only one of them."""
    seen: dict[Key, tuple[str, str]] = {}
    found = []
    for name in features():
        for key, message in entries(read(name)):
            words = forms_of(message)[0]
            first = seen.setdefault(key, (name, words))
            if words and first[1] and first[1] != words:
                found.append(f"{name}: {key[1]!r} is {words!r} here and {first[1]!r} in {first[0]}")
    return found


if __name__ == "__main__":
    sys.exit(main())
