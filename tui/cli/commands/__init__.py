"""Commands, one module each: it declares COMMANDS, and nothing else has to know of it."""
