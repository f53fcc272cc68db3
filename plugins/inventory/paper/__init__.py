"""What is printed: labels and official forms, as PDF and HTML."""
