"""The commands. Each module is imported when its command is asked for, so that none pays for another."""
