"""What the room's tablets draw on a board."""
