"""The postmortem of a run: facts from its events, one document made of them, and the formats of the document."""
