"""Who draws on a board and who looks on: rooms, connections, strokes in progress."""
