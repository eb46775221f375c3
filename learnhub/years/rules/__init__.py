"""Decisions about a person's year: claims, the shortest way, what looks impossible. Pure."""
