"""Files and bytes: opening what may be anything, whole lines, compressed files, JSON fields. Depends on no agent."""
