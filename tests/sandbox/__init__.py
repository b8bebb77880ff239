"""The sandbox, tested by its own vectors, by captures of the official SDKs, and by those SDKs themselves."""
