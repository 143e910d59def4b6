"""Whatever is brought to the collection, told by its content: read, judged, opened, taken in."""
