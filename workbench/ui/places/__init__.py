"""Where the panes look: Regions of this vault, and AWS as a profile."""
