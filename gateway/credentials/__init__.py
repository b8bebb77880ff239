"""Where the keys come from that requests are signed with, and what happens when they change."""
