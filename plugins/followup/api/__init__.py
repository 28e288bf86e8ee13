"""What programs may ask of follow-ups: the same functions as the pages, as operations."""
