"""Tests of the room ``visionular``."""
