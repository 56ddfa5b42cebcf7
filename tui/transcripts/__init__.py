"""Reading the world: finding transcripts, tailing them, turning lines into events. Knows only the model."""
