"""What a class does with its devices."""
