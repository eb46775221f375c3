"""The administrative tree, its stations and people; roles and powers over subtrees; log-in; the audit trail.

Tables: unit, station, rank, person, account, login_session, login_failure, role_grant, audit_line; of the past:
tree_change, unit_spell, station_spell, person_spell, planned_transfer, person_merge, reading. Events: UnitsMerged, UnitSplit, UnitRetired,
PeopleMerged, PeopleParted. Jobs: org.transfer carries out a planned transfer. Every other feature asks ``org.scope`` who may do what where, and marks its routes by ``org.guard``.
"""

from __future__ import annotations

from flask import Flask


def register(app: Flask) -> None:
    """Adds log-in, the pages of the tree and the people, and their menu entries."""
    from learnhub.design import navigation
    from learnhub.design.i18n import _l
    from learnhub.kernel import messages
    from learnhub.org import audit, audit_messages, audit_tasks, own_parts, signed_in, tasks, views
    from learnhub.org.abilities import ROLES
    from learnhub.org.messages import WORDS
    from learnhub.org.roster import messages as roster_messages
    from learnhub.org.roster import tasks as roster_tasks
    from learnhub.org.rules import browser_name

    messages.register({**WORDS, **roster_messages.WORDS})
    audit_tasks.register(app.extensions["learnhub_settings"])
    audit.name_actions(audit_messages.ACTION_WORDS)
    audit.name_pages(audit_messages.PAGE_WORDS)
    roster_tasks.register(app.extensions["learnhub_settings"])
    own_parts.register()
    signed_in.install(app)
    tasks.register()
    app.register_blueprint(views.blueprint)
    app.add_template_filter(browser_name, "browser_name")
    app.add_template_global(lambda role: ROLES[role][0], "role_name")
    app.add_template_global(views.outside.link_proof, "link_proof")
    navigation.add_item("people", _l("People"), "org.list_people", "people.view", order=70, icon="people")
    navigation.add_item("units", _l("Units"), "org.list_units", "people.view", order=72, icon="tree")
    navigation.add_item("grants", _l("Roles given"), "org.list_grants", "audit.read", order=75, icon="lock")
    navigation.add_item("stations", _l("Stations"), "org.list_stations", "people.view", order=74, icon="station")
    for shown in audit_messages.SHOWN:
        app.add_template_global(shown, shown.__name__)
    app.add_template_global(lambda action: audit.ACTIONS.get(action, action), "action_name")
    navigation.add_item("audit", _l("Audit trail"), "org.list_audit_lines", "audit.read", order=76, icon="eye")
    account, person = _l("My account"), navigation.PERSON
    navigation.add_item("account", account, "org.account", navigation.SIGNED_IN, order=10, place=person, icon="person")
