"""What tells who somebody is, taken out before anything is stored: typed placeholders, keyed pseudonyms."""
