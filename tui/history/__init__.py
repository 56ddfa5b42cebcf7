"""What all transcripts used: scanned quickly, kept in an index, summed by day and owner."""
