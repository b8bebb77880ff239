"""The rooms that speak with the providers: one folder each, three mirrored files inside.

Inside a room ``client`` calls ``translate`` calls ``wire``: send and judge an answer, turn it into records,
say what it looks like. Rooms do not know each other.
"""
