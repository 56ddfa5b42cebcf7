"""Where events come from: finding transcripts, following them on disk, opening bundles."""
