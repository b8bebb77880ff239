"""Tests of what the gateway shows to browsers."""
