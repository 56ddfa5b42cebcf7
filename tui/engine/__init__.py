"""The Supervisor: fed events, asked for snapshots at a time that the caller gives. The only mutable state."""
