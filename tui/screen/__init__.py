"""The Textual app: draws snapshots and passes verbs on to control. The only package that imports Textual."""
