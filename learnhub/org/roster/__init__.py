"""Rosters: spreadsheets of people as offices have them, read without guessing, tried first, applied whole or not at all.

``workbook`` and ``text_table`` read files; ``cells`` says what a cell means; ``headings`` finds the columns; ``reading``
joins these to rows; ``places`` finds units; ``rules`` decides what each row would do; ``copy`` keeps the stripped copy
of an upload until its run has ended. Tables: import_run, import_line, import_mapping. Job: ``org.roster``.
"""
