"""The words for the refusals of the tree, its people, their accounts and powers."""

from __future__ import annotations

from learnhub.design.i18n import LazyText, _l
from learnhub.org.import_files import Problem

WORDS = {
    "org.not_allowed": _l("Your account has no power for this here."),
    "org.sign_in_first": _l("Please sign in first."),
    "org.sign_in_refused": _l("The user name or the password is not right. Please look at both and try again."),
    "org.locked": _l("There were too many attempts. Please wait %(minutes)d minutes, then try again."),
    "org.sign_in_again": _l("Please enter your password once more."),
    "org.code_wrong": _l("This code is not right, or it was used already. Please enter the next one."),
    "org.code_set_up": _l("The second step is set up already."),
    "org.code_required": _l("Administrators sign in with a second step; it cannot be turned off."),
    "org.code_first": _l("Please set up the second step first."),
    "org.no_code": _l("There is no second step to this account."),
    "org.no_provider": _l("Signing in by another system is not set up here."),
    "org.provider_again": _l("This log-in was begun elsewhere or is over already. Please begin again."),
    "org.provider_declined": _l("%(label)s did not sign you in. Please try again, or use your password."),
    "org.provider_away": _l("%(label)s cannot be asked at the moment. Please use your password, or try again later."),
    "org.provider_unlinked": _l(
        "%(label)s knows you, but no account here is linked with that. Sign in with your password, then open “My "
        "account” and link both; or ask the administrator of your unit."
    ),
    "org.provider_taken": _l("That outside account is linked with another account here already."),
    "org.provider_linked": _l("This account is linked already; take the old link away first."),
    "org.provider_not_linked": _l("This account is not linked."),
    "org.change_password_first": _l("Please choose a password of your own first."),
    "org.password_wrong": _l("The present password is not right."),
    "org.password_short": _l("Please choose a password of at least %(length)d characters."),
    "org.password_long": _l("A password has at most 200 characters."),
    "org.password_own_name": _l("Please choose something other than your name, user name or staff number."),
    "org.password_common": _l("Many people use this password, so it is guessed first. Please choose another."),
    "org.password_same": _l("This is the password that you have now. Please choose another."),
    "org.password_differs": _l("The two entries are not the same."),
    "org.username_bad": _l("A user name has 2 to 40 letters, digits, dots, hyphens or underscores."),
    "org.username_taken": _l("This is somebody else's user name or staff number."),
    "org.account_exists": _l("%(name)s has an account already."),
    "org.no_account": _l("This person has no account."),
    "org.no_such_session": _l("This session has ended already."),
    "org.no_such_person": _l("There is no such person in your part of the tree."),
    "org.no_such_unit": _l("There is no such unit in your part of the tree."),
    "org.no_root": _l("There is no unit yet; import the units first."),
    "org.no_such_station": _l("There is no such station in your part of the tree."),
    "org.no_such_grant": _l("This role has ended already."),
    "org.reset_self": _l("To change your own password, open “Change password”."),
    "org.reset_upward": _l("%(name)s holds powers that you do not hold; somebody above must reset this password."),
    "org.no_such_line": _l("There is no such line in your part of the tree."),
    "org.locale_unknown": _l("There is no such language here."),
    "org.role_unknown": _l("Please choose a role."),
    "org.grant_exists": _l("The person holds this role over this unit already."),
    "org.grant_beyond": _l(
        "You can give or take only roles whose powers you hold yourself, over your own part of the tree."
    ),
    "org.end_past": _l("The end must lie in the future."),
    "org.date_unreadable": _l("Please enter a date such as 2026-11-05."),
    "org.last_admin": _l("This is the last system administrator; appoint another one first."),
    "org.field_empty": _l("Please fill this in."),
    "org.split_top": _l("%(name)s stands at the top of the tree; a second one beside it would belong to nobody."),
    "org.level_wrong": _l("A unit stands below one of a higher level, and only a city stands at the top."),
    "org.unit_code_taken": _l("There is a unit with the code %(unit_code)s already."),
    "org.station_no_taken": _l("There is a station with the number %(station_no)s already."),
    "org.staff_no_taken": _l("The number %(staff_no)s belongs to somebody else already."),
    "org.rank_unknown": _l("There is no rank with the code %(rank)s."),
    "org.unit_retired": _l("%(name)s was retired; restore it first or choose another unit."),
    "org.unit_stands": _l("This unit is not retired."),
    "org.unit_not_empty": _l("People, stations or units still belong here; move or merge them first."),
    "org.move_below_itself": _l("A unit cannot stand below itself."),
    "org.stands_there": _l("The unit stands there already."),
    "org.merge_within": _l("Neither of the two may be a part of the other, and both must belong to the same tree."),
    "org.merge_level": _l("%(name)s could not stand below the other unit; move it first."),
    "org.not_of_this_unit": _l("Something was chosen that does not belong directly to this unit. Please choose again."),
    "org.wrong_tree": _l("A person belongs to an administrative unit and to a branch of the Party's tree."),
    "org.belongs_there": _l("The person belongs there already."),
    "org.person_retired": _l("%(name)s is not in service any more."),
    "org.person_active": _l("%(name)s is in service."),
    "org.person_merged": _l("This entry was merged with another one of %(name)s; undo the merge first."),
    "org.day_too_early": _l("Please choose a day after the person's last change (%(since)s)."),
    "org.transfer_planned": _l("Another transfer is planned already; withdraw it first."),
    "org.nothing_planned": _l("No transfer is planned."),
    "org.retire_self": _l("You cannot do this to your own entry; ask another administrator."),
    "org.retire_upward": _l("%(name)s holds powers that you do not hold; somebody above must do this."),
    "org.merge_same": _l("Please choose another entry than the one that is kept."),
    "org.merge_used": _l("This merge can no longer be undone: the person has studied on since."),
    "org.no_such_merge": _l("There is no merge that could be undone."),
    "org.not_yet": _l("This unit did not stand on that day."),
    "org.import_refused": _l("Nothing was imported: %(file)s has %(count)d problems."),
    "org.import_too_large": _l("The file is larger than %(limit)s."),
    # what is wrong with one line of an imported file
    "org.line_not_text": _l("cannot be read as text (neither UTF-8 nor GB18030)"),
    "org.line_broken": _l("is not a proper line of a table: %(reason)s"),
    "org.line_no_column": _l("the column “%(column)s” is missing"),
    "org.line_empty_file": _l("the file is empty"),
    "org.line_empty_cell": _l("the cell “%(column)s” is empty"),
    "org.line_too_long": _l("the cell “%(column)s” has more than %(limit)d characters"),
    "org.line_level_unknown": _l("“%(text)s” is no level; 1 to 5 are meant (city, county, township, village, group)"),
    "org.line_code_bad": _l("“%(text)s” is no code; perhaps a spreadsheet has made a number of it and digits are lost"),
    "org.line_duplicate": _l("%(text)s is there twice, first on line %(first)d"),
    "org.line_parent_unknown": _l("the unit above, %(parent)s, is neither in the file nor in the system"),
    "org.line_loop": _l("the units above it lead back to it: %(loop)s"),
    "org.line_level_wrong": _l("a %(level)s cannot stand below a %(parent_level)s"),
    "org.line_root_level": _l("only a city stands at the top, not a %(level)s"),
    "org.line_moved": _l("stands below %(parent)s in the system; an import does not move units"),
    "org.line_level_changed": _l("is a %(level)s in the system; an import does not change levels"),
    "org.line_retired": _l("was retired in the system"),
    "org.line_outside": _l("lies outside your part of the tree"),
    "org.line_unit_unknown": _l("the unit %(unit)s is not in the system; import the units first"),
    "org.line_station_moved": _l("belongs to the unit %(unit)s in the system; an import does not move stations"),
}


LEVELS: dict[str, LazyText] = {
    "city": _l("City"),
    "county": _l("County"),
    "township": _l("Township"),
    "village": _l("Village"),
    "group": _l("Group"),
    "committee": _l("Party committee"),
    "general": _l("General Party branch"),
    "branch": _l("Party branch"),
}


def words_of(problem: Problem) -> str:
    """The sentence for one line of an imported file, in the language of the moment."""
    levels = {name: LEVELS[problem.params[name]] for name in ("level", "parent_level") if name in problem.params}
    return str(WORDS[problem.code]) % {**problem.params, **levels}
