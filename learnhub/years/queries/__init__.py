"""Reads on years: what people claimed, objected to and were asked, the shortest way, the rules and their trials."""
