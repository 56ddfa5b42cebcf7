"""The tmux pane of a client as a route: keys and text into it."""
