"""Finds and masks secrets in the text of agents: for the readers, where text comes in, and for the view.

`kinds.toml` says what a secret looks like, `find` looks for secrets in a text, `masking` walks through parsed JSON and
looks behind escapes, `entry` is what readers call.
"""
