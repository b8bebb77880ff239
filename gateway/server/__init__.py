"""HTTP itself: what serves an ASGI application to the network, whatever the application is about."""
