"""Files and bytes: opening what may be anything, whole lines, compressed files, JSON fields. Knows no agent."""
