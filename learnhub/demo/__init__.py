"""The demo: the real tree of Yuxi with invented people and half a year of history, the same each time.

It writes through the actions that users use, with the times of the history, so that a demo cannot hold what LearnHub
would have refused. Nothing of it is needed in production.
"""
