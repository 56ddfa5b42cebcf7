"""How good the judge is: a generated corpus in two halves, other tools' rules, labelled and real transcripts."""
