"""The panes: one folder each, reached through `workbench.ui.registry` only."""
