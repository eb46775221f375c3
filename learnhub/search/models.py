"""Tables of search; written with the feature."""

TABLES = ()
