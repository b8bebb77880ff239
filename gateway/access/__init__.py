"""Who asks, and what they may ask for. Knows no framework: a credential goes in, a principal comes out."""
