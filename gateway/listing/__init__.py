"""One list made of many: which listings a question needs, how they are merged, and how one comes back later.

Pure: pages come in through a function that is handed in, and nothing here knows a wire format. What a
provider's listing can do is data, in `offers`.
"""
