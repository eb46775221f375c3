"""Words in two languages: English in the source, Chinese in each feature's ``translations/zh_CN.po``.

The catalogues are read as text when the program starts and merged into one table, so there are no compiled
files to forget. Code says ``_('My year')``, ``_('%(count)d lessons', count=3)``,
``_n('%(num)d lesson', '%(num)d lessons', n)`` or, at import time, ``_l('My year')``.
In Python a text without parameters is returned as it is; in templates a literal percent sign is written ``%%``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel.messages.pofile import read_po
from flask import Flask, Response, g, has_request_context, request
from werkzeug.datastructures import LanguageAccept

DEFAULT_LOCALE = "zh_CN"
SOURCE_LOCALE = "en"
LOCALES = (DEFAULT_LOCALE, SOURCE_LOCALE)
LOCALE_NAMES = {"zh_CN": "中文", "en": "English"}
LANGUAGE_TAGS = {"zh_CN": "zh-CN", "en": "en"}
COOKIE = "lang"
COOKIE_SECONDS = 365 * 24 * 3600

Table = dict[str | tuple[str, str], tuple[str, ...]]
_translations: Table = {}
_forced: ContextVar[str | None] = ContextVar("learnhub_forced_locale", default=None)


@dataclass
class LocaleStore:
    """Where a signed-in person's choice is kept; the application wires both calls."""

    read: Callable[[], str | None] = lambda: None
    write: Callable[[str], None] = lambda locale: None


def load_catalogues(package_dirs: Iterable[Path]) -> None:
    """Read ``translations/zh_CN.po`` below each folder and merge them; what is not there counts as untranslated."""
    _translations.clear()
    for folder in sorted(package_dirs):
        path = folder / "translations" / f"{DEFAULT_LOCALE}.po"
        if not path.is_file():
            continue
        _translations.update(_read(path, path.stat().st_mtime_ns))


@lru_cache(maxsize=64)
def _read(path: Path, _changed_ns: int) -> Table:
    """One file's translations; read again only when it changed, since tests make many applications."""
    found: Table = {}
    with path.open("rb") as file:
        for message in read_po(file, locale=DEFAULT_LOCALE):
            source = message.id if isinstance(message.id, str) else message.id[0]
            forms = (message.string,) if isinstance(message.string, str) else tuple(message.string or ())
            if source and forms and all(forms) and not message.fuzzy:
                found[(message.context, source) if message.context else source] = forms
    return found


def as_locale(value: str | None) -> str | None:
    """The supported locale meant by ``zh``, ``zh-CN``, ``zh_Hans_CN``, ``en-GB`` …, or None."""
    if not value:
        return None
    language = value.replace("-", "_").split("_")[0].lower()
    return {"zh": "zh_CN", "en": "en"}.get(language)


def current_locale() -> str:
    """The locale now in force: forced by ``locale_of``, the person's choice, the cookie, the browser's wish, Chinese."""
    forced = _forced.get()
    if forced:
        return forced
    if not has_request_context():
        return DEFAULT_LOCALE
    chosen: str | None = g.get("learnhub_locale")
    if chosen is None:
        # A first answer is set before the store is asked, because the store may itself want to say something.
        g.learnhub_locale = locale_of_browser()
        chosen = as_locale(_store().read()) or g.learnhub_locale
        g.learnhub_locale = chosen
    return chosen


def locale_of_browser() -> str:
    """The locale by cookie or Accept-Language alone, without asking for the account (the database may be away)."""
    by_cookie = as_locale(request.cookies.get(COOKIE))
    if by_cookie:
        return by_cookie
    wishes: LanguageAccept = request.accept_languages
    for tag, _quality in wishes:
        locale = as_locale(tag)
        if locale:
            return locale
    return DEFAULT_LOCALE


def _store() -> LocaleStore:
    from flask import current_app

    store = current_app.extensions.get("learnhub.locale_store")
    return store if store is not None else LocaleStore()


def wire_locale_store(app: Flask, read: Callable[[], str | None], write: Callable[[str], None]) -> None:
    """Tell how the signed-in person's language is read and kept (both are called inside a request)."""
    app.extensions["learnhub.locale_store"] = LocaleStore(read, write)


def choose_locale(locale: str, response: Response) -> Response:
    """Keep a choice of language: in the browser's cookie and, if somebody is signed in, with the account."""
    _store().write(locale)
    g.learnhub_locale = locale
    response.set_cookie(COOKIE, locale, max_age=COOKIE_SECONDS, samesite="Lax", httponly=True, secure=request.is_secure)
    return response


@contextmanager
def locale_of(locale: str) -> Iterator[None]:
    """Say everything inside the block in one language: for jobs, commands, letters and tests."""
    if locale not in LOCALES:
        raise ValueError(f"unknown locale: {locale}")
    token = _forced.set(locale)
    try:
        yield
    finally:
        _forced.reset(token)


def language_tag() -> str:
    """The value of the ``lang`` attribute: ``zh-CN`` or ``en``."""
    return LANGUAGE_TAGS[current_locale()]


def gettext(message: str) -> str:
    """The translation of a message, without parameters; the message itself when there is none."""
    if current_locale() == SOURCE_LOCALE:
        return message
    found = _translations.get(message)
    return found[0] if found else message


def ngettext(singular: str, plural: str, number: int) -> str:
    """The translation fitting a number. Chinese has one form, English two."""
    if current_locale() != SOURCE_LOCALE:
        found = _translations.get(singular)
        if found:
            return found[0]
    return singular if number == 1 else plural


def pgettext(context: str, message: str) -> str:
    """The translation of a word that means different things in different places (``May``: month or permission)."""
    if current_locale() == SOURCE_LOCALE:
        return message
    found = _translations.get((context, message))
    return found[0] if found else message


def npgettext(context: str, singular: str, plural: str, number: int) -> str:
    """``ngettext`` with a context."""
    if current_locale() != SOURCE_LOCALE:
        found = _translations.get((context, singular))
        if found:
            return found[0]
    return singular if number == 1 else plural


def _(message: str, /, **params: Any) -> str:
    """Say a message in the current language, with named parameters: ``_('%(count)d lessons', count=3)``."""
    words = gettext(message)
    return words % params if params else words


def _n(singular: str, plural: str, number: int, /, **params: Any) -> str:
    """Say a message that counts; ``%(num)d`` is the number: ``_n('%(num)d lesson', '%(num)d lessons', n)``."""
    return ngettext(singular, plural, number) % {"num": number, **params}


def _p(context: str, message: str, /, **params: Any) -> str:
    """Say a message that needs its context to be translated."""
    words = pgettext(context, message)
    return words % params if params else words


class LazyText:
    """A message written down now and said later, in the language of the moment; behaves like a str where shown."""

    __slots__ = ("_message", "_params")

    def __init__(self, message: str, params: dict[str, Any] | None = None) -> None:
        self._message = message
        self._params = params or {}

    def __str__(self) -> str:
        return _(self._message, **self._params)

    def __repr__(self) -> str:
        return f"_l({self._message!r})"

    def __format__(self, spec: str) -> str:
        return format(str(self), spec)

    def __mod__(self, params: Any) -> str:
        return str(self) % params

    def __add__(self, other: object) -> str:
        return str(self) + str(other)

    def __radd__(self, other: object) -> str:
        return str(other) + str(self)

    def __eq__(self, other: object) -> bool:
        return str(self) == str(other) if isinstance(other, str | LazyText) else NotImplemented

    def __lt__(self, other: object) -> bool:
        return str(self) < str(other)

    def __hash__(self) -> int:
        # By the message and not by the words, which change with the language: a lazy text may be a key.
        return hash(self._message)

    def __len__(self) -> int:
        return len(str(self))

    def __contains__(self, part: str) -> bool:
        return part in str(self)

    def __getattr__(self, name: str) -> Any:
        if name.startswith("_"):
            raise AttributeError(name)
        return getattr(str(self), name)


def _l(message: str, /, **params: Any) -> LazyText:
    """A message for module level (labels, choices): translated each time it is shown."""
    return LazyText(message, params)


def install(app: Flask) -> None:
    """Give templates ``_``, ``_n``, ``gettext`` … (parameters are escaped) and ``current_locale``."""
    app.jinja_env.add_extension("jinja2.ext.i18n")
    app.jinja_env.install_gettext_callables(  # type: ignore[attr-defined]
        gettext, ngettext, newstyle=True, pgettext=pgettext, npgettext=npgettext
    )
    made = app.jinja_env.globals
    made["_n"] = made["ngettext"]
    made["_p"] = made["pgettext"]
    made.update(current_locale=current_locale, language_tag=language_tag, locale_names=LOCALE_NAMES)
