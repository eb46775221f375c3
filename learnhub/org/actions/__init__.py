"""The business acts of the tree, its people, their accounts and powers."""

from learnhub.org.actions.accounts import (
    KnownBrowser,
    change_password,
    hash_token,
    note_seen,
    open_account,
    reset_password,
    set_locale,
    sign_in,
    sign_out,
    sign_out_everywhere,
)
from learnhub.org.actions.grants import add_administrator, grant_role, revoke_role
from learnhub.org.actions.imports import ImportResult, import_stations, import_units
from learnhub.org.actions.merging import merge_people, part_people
from learnhub.org.actions.outside import (
    link_outside,
    link_outside_for,
    sign_in_outside,
    unlink_outside,
    unlink_outside_for,
)
from learnhub.org.actions.people import NewPerson, PersonDetails, add_person, change_person
from learnhub.org.actions.readings import export_own_data, export_people, export_readings, note_list, note_reading
from learnhub.org.actions.reorganise import (
    merge_units,
    move_unit,
    rename_unit,
    restore_unit,
    retire_unit,
    split_unit,
)
from learnhub.org.actions.second_factor import (
    begin_second_factor,
    confirm_second_factor,
    end_second_factor,
    pass_second_step,
    renew_recovery_codes,
    reset_second_factor,
    seal_second_factors,
)
from learnhub.org.actions.slips import Slip, make_slips
from learnhub.org.actions.trail import export_audit_lines
from learnhub.org.actions.transfers import (
    carry_out_transfer,
    restore_person,
    retire_person,
    transfer_person,
    withdraw_transfer,
)
from learnhub.org.actions.units import add_station, add_unit, change_station

__all__ = [
    "ImportResult",
    "KnownBrowser",
    "NewPerson",
    "PersonDetails",
    "Slip",
    "add_administrator",
    "add_person",
    "add_station",
    "add_unit",
    "begin_second_factor",
    "carry_out_transfer",
    "change_password",
    "change_person",
    "confirm_second_factor",
    "end_second_factor",
    "change_station",
    "export_audit_lines",
    "export_own_data",
    "export_people",
    "export_readings",
    "grant_role",
    "hash_token",
    "import_stations",
    "import_units",
    "link_outside",
    "link_outside_for",
    "make_slips",
    "merge_people",
    "merge_units",
    "move_unit",
    "note_list",
    "note_reading",
    "note_seen",
    "open_account",
    "pass_second_step",
    "renew_recovery_codes",
    "reset_second_factor",
    "rename_unit",
    "part_people",
    "reset_password",
    "restore_person",
    "restore_unit",
    "retire_person",
    "retire_unit",
    "revoke_role",
    "seal_second_factors",
    "set_locale",
    "sign_in",
    "sign_in_outside",
    "sign_out",
    "sign_out_everywhere",
    "split_unit",
    "transfer_person",
    "unlink_outside",
    "unlink_outside_for",
    "withdraw_transfer",
]
