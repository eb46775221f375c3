"""The words for the refusals of study."""

from __future__ import annotations

from learnhub.design.i18n import _l

WORDS = {
    "study.no_lesson": _l("There is no such lesson, or it is not offered to your unit."),
    "study.nothing_to_watch": _l("This lesson is still being prepared. Please come back in a few minutes."),
    "study.not_a_test": _l("This lesson has no test."),
    "study.bad_answers": _l("The answers do not belong to this test. Please open the test again."),
    "study.no_entry": _l("There is no such entry in your study record."),
    "study.no_viewing": _l("This viewing is not known. Please open the lesson again."),
    "study.report_token": _l("This viewing has expired. Please open the lesson again."),
    "study.report_json": _l("The report cannot be read."),
    "study.report_size": _l("A report has at most %(limit)d bytes."),
    "study.report_shape": _l("The report lacks something or carries something unknown."),
    "study.report_pieces": _l("A report has at most %(limit)d pieces."),
    "study.report_numbers": _l("Places in a lesson are whole milliseconds from 0 on."),
    "study.report_order": _l("A piece of a lesson ends after it begins."),
    "study.report_beyond_end": _l("The report speaks of a place behind the end of the lesson."),
    "study.no_rule": _l("The rule of this entry is not kept here."),
    "study.rule_unknown": _l("There is no hours rule “%(code)s”; known: %(known)s."),
    "study.rule_file_name": _l("The file %(file)s carries the code %(code)s."),
    "study.rule_also": _l("“also” names rules that do not exist: %(unknown)s."),
    "study.rule_too_long": _l("A rule file has at most %(most)d characters."),
    "study.rule_toml": _l("This is not TOML: %(why)s."),
    "study.rule_code": _l("“code” consists of small letters, digits and hyphens, at most 40."),
    "study.rule_key_unknown": _l("“%(key)s” means nothing here; known: %(known)s."),
    "study.rule_key_missing": _l("“%(key)s” is missing or empty."),
    "study.rule_day": _l("“%(key)s” must be a day such as 2026-01-01."),
    "study.rule_dates": _l("The rule ends before it begins."),
    "study.rule_table": _l("“%(key)s” must be a table."),
    "study.rule_list": _l("“%(key)s” must be a list."),
    "study.rule_number": _l("“%(key)s” must be a number from %(least)s to %(most)s."),
    "study.rule_hours": _l("“%(key)s” must be hours in steps of a hundredth."),
    "study.rule_word": _l("“%(key)s” must be one of: %(known)s."),
    "study.rule_bands_and_measure": _l("Lessons count by bands or by minutes_per_hour, not by both."),
    "study.rule_bands_missing": _l("There are no bands and no minutes_per_hour: lessons would give nothing."),
    "study.rule_band_two_ends": _l("A band ends with up_to_minutes or with below_minutes, not with both."),
    "study.rule_band_gap": _l("There is a gap after %(minutes)s minutes: such lessons would be left without hours."),
    "study.rule_band_overlap": _l("This band overlaps the one before it at %(minutes)s minutes."),
    "study.rule_band_open_end": _l(
        "The last band must be open: lessons over %(minutes)s minutes would be left without hours."
    ),
    "study.rule_band_falls": _l("A longer lesson would give fewer hours."),
    "study.rule_day_cap_on_lessons": _l("Lessons have no cap per day: what was seen is proved by the clock already."),
    "study.rule_two_caps": _l("A kind has a cap per day or per course, not both: one would undo the other."),
    "study.rule_cap_zero": _l("A cap of nothing: leave the kind out instead."),
    "study.rule_sources": _l("A requirement counts sources that do not exist, or none; known: %(known)s."),
    "study.rule_requirement_twice": _l("Two requirements of the same ranks have the same name."),
    "study.rule_rank_twice": _l("The rank “%(rank)s” stands in two groups."),
    "study.rule_rank_gap": _l(
        "No group has the rank “default”: ranks that are not named would be left without a rule."
    ),
    "study.rule_carry_of": _l("“of” names no requirement of this rule."),
    "study.rule_cap_below": _l("“%(name)s” asks for %(asked)s hours, and the caps let nobody have more than %(most)s."),
}
