"""What people and stations do in study; each function is one act and one transaction."""

from learnhub.study.actions.attempts import submit_attempt
from learnhub.study.actions.folding import Fold, settle
from learnhub.study.actions.group import credit_group_viewing
from learnhub.study.actions.reversing import reverse_group_viewing
from learnhub.study.actions.storing import Answer
from learnhub.study.actions.viewing import Opened, open_viewing, record_report

__all__ = [
    "Answer",
    "Fold",
    "Opened",
    "credit_group_viewing",
    "open_viewing",
    "record_report",
    "reverse_group_viewing",
    "settle",
    "submit_attempt",
]
