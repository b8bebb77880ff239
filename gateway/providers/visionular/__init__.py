"""Visionular media processing, as documented in 2021, with the spellings of the years around it."""
