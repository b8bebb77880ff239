"""Lanes, by effect: what callers get, and how many calls a provider sees."""
