"""The voice: places told aloud by espeak-ng, a program."""
