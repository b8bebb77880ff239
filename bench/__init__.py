"""Benchmarks: each states what it compares, and is one command."""
