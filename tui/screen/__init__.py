"""The Textual app: draws snapshots and asks for verbs. The only importer of Textual."""
