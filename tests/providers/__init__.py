"""Tests of the provider rooms."""
