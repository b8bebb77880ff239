"""What is being watched: one look at the provider for everybody who wants to see something move."""
