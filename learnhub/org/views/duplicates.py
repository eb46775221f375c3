"""Entries that may be one person: looked at side by side, merged, parted again."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from learnhub.design.i18n import _
from learnhub.design.refused import Errors, show_again
from learnhub.kernel import clock
from learnhub.org import actions, queries
from learnhub.org.guard import ability, actor
from learnhub.org.scope import scope_of
from learnhub.org.views.blueprint import blueprint


@blueprint.get("/people/duplicates")
@ability("people.manage")
def list_duplicates() -> str:
    """Pairs of one's own part of the tree that may be one person."""
    pairs = queries.find_duplicates(actor())
    roots = scope_of(actor(), "people.manage")
    actions.note_list(actor(), "org.list_duplicates", roots, 2 * len(pairs), now=clock.now())
    return render_template("org/duplicates.html", pairs=pairs)


@blueprint.get("/people/<int:person_id>/merge")
@ability("people.manage")
def ask_merge_people(person_id: int) -> str:
    """Both entries side by side, and the form that confirms the merge."""
    return _merge_page(person_id, {})


def _merge_page(person_id: int, errors: Errors) -> str:
    gone_id = request.values.get("with", None, type=int)
    kept = queries.person_for(actor(), person_id, "people.manage")
    gone = queries.person_for(actor(), gone_id, "people.manage") if gone_id else None
    if gone is not None:
        actions.note_reading(actor(), "org.ask_merge_people", gone.id, now=clock.now())
    wanted = queries.PeopleFilter(text=request.args.get("q", "")[:80] or kept.name, include_retired=True)
    both = [one for one in (kept, gone) if one]
    return render_template(
        "org/person_merge.html",
        kept=kept,
        gone=gone,
        accounts={one.id: queries.account_of(one.id) for one in both},
        places=queries.names_along([one.unit.path for one in both], skip=0),
        found=[] if gone else queries.list_people(actor(), wanted).items,
        q=wanted.text,
        errors=errors,
    )


@blueprint.post("/people/<int:person_id>/merge")
@ability("people.manage")
def merge_people(person_id: int) -> AnyResponse:
    """Does it."""
    show_again(lambda errors: _merge_page(person_id, errors))
    gone_id = request.form.get("with", 0, type=int)
    reason = request.form.get("reason", "").strip()[:300]
    actions.merge_people(actor(), person_id, gone_id, reason=reason, now=clock.now())
    flash(_("The two entries are one now."), "success")
    return redirect(url_for("org.show_person", person_id=person_id))


@blueprint.post("/people/<int:person_id>/merge/undo")
@ability("people.manage")
def part_people(person_id: int) -> AnyResponse:
    """Undoes the latest merge into this person."""
    merges = queries.merges_of(actor(), person_id)
    actions.part_people(actor(), merges[0].id if merges else 0, now=clock.now())
    flash(_("The merge has been undone."), "success")
    return redirect(url_for("org.show_person", person_id=person_id))
