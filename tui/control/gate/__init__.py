"""The gate: the hook that an agent asks before each tool call and each model call whether its lane may continue.

`gate.sh` gives the usual answer after a test for two files; `gate.py` answers when there is a request. Both are copied
into the state folder when the gate is installed, run without the package, and use only that folder.
"""
