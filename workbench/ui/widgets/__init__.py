"""The kit panes are built from. Knows the look; knows no service and no pane."""
