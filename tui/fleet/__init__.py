"""The Supervisor: takes events, gives a snapshot of all lanes at a time that the caller states."""
