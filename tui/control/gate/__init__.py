"""The gate: the hook that an agent asks before each tool and each model call whether its lane may go on.

`gate.sh` is the common answer, a test for two files; `gate.py` is what happens when somebody asked for something. Both
are copied into the state folder when the gate is installed, run without the package, and know only that folder.
"""
