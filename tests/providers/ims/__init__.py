"""Tests of the room ``ims``."""
