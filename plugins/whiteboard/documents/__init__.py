"""What is drawn on a board: Yjs documents in memory, and their log in the store."""
