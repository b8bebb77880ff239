"""The graph that clients see: its types, its root fields, and how an operation on it is executed."""
