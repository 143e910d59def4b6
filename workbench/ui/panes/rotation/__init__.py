"""The Rotation pane."""
