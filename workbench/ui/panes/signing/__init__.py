"""The Signing pane."""
