"""The screen: draws snapshots and asks for verbs. The only place that imports Textual."""
