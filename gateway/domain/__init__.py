"""What the gateway talks about: tasks, jobs, outputs, their identity, and what can go wrong.

Pure: no framework, no HTTP, no cache, no telemetry.
"""
