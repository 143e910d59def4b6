"""Certificate profiles: seen, edited, kept, exported."""
