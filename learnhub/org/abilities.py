"""The powers, each named once, and the roles that bundle them.

A role is granted over a unit and counts for that unit and all below it. Everybody who signs in holds
:data:`OF_EVERYBODY` for themselves.
"""

from __future__ import annotations

from learnhub.design.i18n import _l

ABILITIES = {
    "own.use": _l("Use one's own pages: home, account, language"),
    "catalog.browse": _l("See the courses published to one's unit"),
    "study.learn": _l("Study and earn hours"),
    "search.find": _l("Search what one may see"),
    "sessions.view": _l("See sessions of stations in scope"),
    "sessions.plan": _l("Schedule, change and cancel sessions"),
    "sessions.hold": _l("Hold sessions and call the roll"),
    "catalog.edit": _l("See drafts and manage courses of units in scope"),
    "catalog.publish": _l("Publish and withdraw courses of units in scope"),
    "catalog.review": _l("See course folders before they are published, approve them or ask for changes, in scope"),
    "study.review": _l("Look into unusual records of study in scope"),
    "records.read": _l("Read the study records of people in scope"),
    "records.export": _l("Download the study records of people in scope"),
    "hours.decide": _l("Accept or refuse claims of hours and answer objections in scope"),
    "hours.rule": _l("Choose the hours rule of units in scope"),
    "people.view": _l("See units, stations and people in scope"),
    "people.manage": _l("Add, change and import units, stations and people in scope"),
    "people.reset": _l("Reset passwords of people in scope"),
    "roles.grant": _l("Give and take roles in scope"),
    "audit.read": _l("Read the audit trail in scope"),
    "system.run": _l("See jobs, storage and health of the system"),
}

OF_EVERYBODY = ("own.use", "catalog.browse", "study.learn", "search.find")

ROLES: dict[str, tuple[object, tuple[str, ...]]] = {
    "learner": (_l("Learner"), ()),
    "station_manager": (_l("Station manager"), ("sessions.view", "sessions.plan", "sessions.hold", "people.view")),
    "editor": (_l("Course editor"), ("catalog.edit", "catalog.publish")),
    "reviewer": (_l("Reviewer"), ("catalog.review", "study.review")),
    "department": (
        _l("Department officer"),
        ("records.read", "records.export", "hours.decide", "people.view", "sessions.view"),
    ),
    "auditor": (_l("Auditor"), ("records.read", "people.view", "sessions.view", "audit.read")),
    "unit_admin": (
        _l("Unit administrator"),
        (
            *("people.view", "people.manage", "people.reset", "roles.grant", "audit.read"),
            # One grants only what one holds: so an administrator can appoint the station managers, department
            # officers and auditors of the unit.
            *("records.read", "records.export", "hours.decide", "hours.rule"),
            *("sessions.view", "sessions.plan", "sessions.hold"),
        ),
    ),
    "system_admin": (_l("System administrator"), tuple(name for name in ABILITIES if name not in OF_EVERYBODY)),
}


def abilities_of(role: str) -> frozenset[str]:
    """The names of the powers that a role gives over its subtree. Raises KeyError for an unknown role."""
    return frozenset(ROLES[role][1])


def roles_with(ability: str) -> tuple[str, ...]:
    """The roles that give a power."""
    return tuple(role for role, (_label, powers) in ROLES.items() if ability in powers)
