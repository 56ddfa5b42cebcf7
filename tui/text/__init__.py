"""Text at the boundary: secrets masked, unsafe characters made visible, widths, numbers and times for people."""
