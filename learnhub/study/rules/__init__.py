"""Pure decisions of study: what of a report is believed, when a lesson is done, how many hours that gives."""
