"""The words for what is wrong with a roster, one of its rows, or what somebody wants to do with an import."""

from __future__ import annotations

from learnhub.design.i18n import _l

WORDS = {
    # the file as a whole
    "org.roster_no_file": _l("Please choose a file."),
    "org.roster_broken_zip": _l("The file is damaged or is no xlsx file. Open it in WPS or Excel and save it again."),
    "org.roster_broken_xml": _l("A sheet of the file is damaged. Open it in WPS or Excel and save it again."),
    "org.roster_no_workbook": _l("The file is a zip, but no xlsx file. Please upload the spreadsheet itself."),
    "org.roster_bomb": _l(
        "The file is built so that it unpacks to far more than it shows; it was not read. Save it anew as xlsx or CSV."
    ),
    "org.roster_locked": _l("The file is protected by a password. Save it without one."),
    "org.roster_too_many_parts": _l(
        "The file has more than %(limit)d parts inside; save only the sheet that is needed."
    ),
    "org.roster_unpacked_too_large": _l("Unpacked, the file is larger than %(limit)s. Split it into several files."),
    "org.roster_too_many_merged": _l("The file has more than %(limit)d merged cells. Save it as CSV."),
    "org.roster_too_many_rows": _l("The file has more than %(limit)d rows of people. Split it into several files."),
    "org.roster_old_excel": _l(
        "The .xls file is damaged or holds no sheets. Open it in WPS or Excel and save it as xlsx."
    ),
    "org.roster_macros": _l("The .xls file holds macros; it was not read. Save it as xlsx, which has none."),
    "org.roster_old_too_large": _l("An .xls file may have %(limit)s at most. Save it as xlsx or split it."),
    "org.roster_too_many_cells": _l("The file has more than %(limit)d cells. Save only the columns that are needed."),
    "org.roster_too_hard": _l("Reading the file took too much time or memory. Save it as xlsx or CSV."),
    "org.roster_web_page": _l(
        "This is a web page without a plain table, or a PDF, under a spreadsheet's name. Open it and save it as xlsx."
    ),
    "org.roster_empty": _l("The file is empty."),
    "org.roster_not_text": _l("The file cannot be read as text: byte %(position)d is neither UTF-8 nor GB18030."),
    "org.roster_broken_line": _l("Line %(line)d is not a proper line of a table: %(reason)s"),
    "org.roster_no_headings": _l(
        "No row of headings was found in the first 30 rows of a visible sheet. A heading such as 姓名 and 单位 is needed."
    ),
    # a row
    "org.roster_row_hidden": _l("The row is hidden in the spreadsheet. Show it and upload again, or delete it."),
    "org.roster_cell_formula": _l("“%(column)s” holds a formula. Copy the column and paste it as values."),
    "org.roster_cell_error": _l("“%(column)s” holds an error of the spreadsheet: %(text)s"),
    "org.roster_cell_digits": _l(
        "“%(column)s” has become a number and lost digits: %(text)s. Format the column as text and type it again."
    ),
    "org.roster_cell_identity": _l("“%(column)s” holds an identity number. These are not collected; it was not kept."),
    "org.roster_no_name": _l("The name is missing."),
    "org.roster_name_bad": _l("“%(text)s” is no name."),
    "org.roster_staff_no_bad": _l("“%(text)s” is no staff number."),
    "org.roster_no_unit": _l("The unit is missing."),
    "org.roster_code_unknown": _l("There is no unit with the code %(text)s in your part of the tree."),
    "org.roster_unit_unknown": _l("There is no unit “%(text)s” in your part of the tree."),
    "org.roster_unit_retired": _l("The unit %(unit)s was retired."),
    "org.roster_unit_ambiguous": _l("“%(text)s” could be %(count)d units: %(units)s. Give the code or the full path."),
    "org.roster_code_and_name": _l("The code %(text)s is %(unit)s, but the row says %(name)s."),
    "org.roster_rank_unknown": _l("There is no rank “%(text)s”."),
    "org.roster_service_unclear": _l("“%(text)s” does not say whether the person is in service; yes or no is meant."),
    "org.roster_date_unclear": _l("“%(text)s” is no clear date of the past. Write it as 2026-06-15."),
    "org.roster_record_unknown": _l("There is no record %(text)s in your part of the tree."),
    "org.roster_record_other": _l("The record %(text)s belongs to %(name)s, not to the person of this row."),
    "org.roster_staff_no_not_free": _l(
        "The staff number %(text)s cannot be given here. Check it; if it is right, ask the office above yours."
    ),
    "org.roster_zeros_lost": _l(
        "The staff number %(text)s looks like %(number)s without its zeros. Format the column as text and type it again."
    ),
    "org.roster_branch_unknown": _l(
        "There is no Party branch “%(text)s” in your part of the Party's tree. If branches are not yours to keep, "
        "set the column to “Not used”."
    ),
    "org.roster_branch_ambiguous": _l(
        "“%(text)s” could be %(count)d Party branches: %(units)s. Give the code or the full path."
    ),
    "org.roster_no_moving_branch": _l(
        "%(name)s belongs to another Party branch. An import moves nobody; change the branch on their page."
    ),
    "org.roster_name_ambiguous": _l("The unit has %(count)d people called %(name)s. Give the staff number."),
    "org.roster_not_in_service": _l("%(name)s is no longer in service. Restore the person on their page first."),
    "org.roster_no_retiring": _l("%(name)s is in service. An import retires nobody; do it on the person's page."),
    "org.roster_new_not_in_service": _l("The person is not known, and the row says that they are not in service."),
    "org.roster_no_moving": _l(
        "%(name)s belongs to another unit. An import moves nobody; transfer them on their page."
    ),
    "org.roster_twice": _l("“%(text)s” is there twice, first in row %(first)d."),
    # what somebody wants to do
    "org.no_such_import": _l("There is no such import in your part of the tree."),
    "org.import_busy": _l("This import is being worked on or is finished already."),
    "org.import_nothing": _l("There is nothing to apply: nobody would be added or changed."),
    "org.import_changed": _l(
        "The people or units have changed since the dry run. This is a new one; please look again."
    ),
    "org.import_column_twice": _l("Two columns cannot mean the same."),
    "org.import_column_name": _l("Please say which column holds the name."),
    "org.import_column_unit": _l("Please say which column holds the unit, its code, or the staff number."),
    "org.import_no_reason": _l("Please write why it is undone."),
    "org.import_depended_on": _l(
        "It cannot be undone any more: %(count)d of these people have signed in, studied, attended or been given a role."
    ),
    "org.import_changed_since": _l("It cannot be undone any more: %(count)d of these people were changed since."),
}
