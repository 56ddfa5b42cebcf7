"""Acting on lanes. So far: finding the tmux pane that a lane lives in."""
