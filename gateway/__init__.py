"""One GraphQL graph over three transcoding providers."""
