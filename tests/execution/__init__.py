"""Compiled execution."""
