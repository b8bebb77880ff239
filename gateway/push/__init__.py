"""What providers tell unasked: notifications are verified, understood, and passed on to the lanes."""
