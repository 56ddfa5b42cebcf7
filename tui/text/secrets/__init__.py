"""Finds secrets in whatever an agent wrote and masks them: called by the readers where text enters, and by the view.

`kinds.toml` says what a secret looks like, `find` looks for secrets in a text, `masking` walks through parsed JSON and
looks behind escapes, `entry` is what readers call.
"""
