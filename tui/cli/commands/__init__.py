"""The commands, one module each. A module declares `COMMANDS`, and is found without a list."""
