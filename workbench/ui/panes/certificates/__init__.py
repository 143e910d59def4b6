"""The Certificates pane."""
