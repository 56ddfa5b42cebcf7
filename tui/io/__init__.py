"""Files and bytes: opening paths of any kind, whole lines, compressed files, JSON fields. Depends on no agent."""
