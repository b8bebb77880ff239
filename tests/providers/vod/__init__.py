"""Tests of the room ``vod``."""
