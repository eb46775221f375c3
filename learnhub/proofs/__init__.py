"""Certificates of courses and proofs of years: signed statements as PDF with a code, that anybody can check.

Table: proof. No events, no jobs. What is signed (``rules``) verifies without this server: by ``learnhub proofs verify``
or by a page that computes in the browser. A public page shows only what the holder agreed to.
"""

from __future__ import annotations

from flask import Flask


def register(app: Flask) -> None:
    """Puts the pages of proofs and the words of their refusals into the application."""
    from learnhub.kernel import messages as words
    from learnhub.org import audit
    from learnhub.proofs import messages, own_data, views
    from learnhub.study.words import REFUSED

    own_data.register()
    words.register(messages.WORDS)
    REFUSED.update(messages.COUNTED)
    audit.name_actions(messages.ACTION_WORDS)
    audit.name_pages(messages.PAGE_WORDS)
    app.register_blueprint(views.blueprint)
