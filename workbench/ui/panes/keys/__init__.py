"""The Keys pane."""
