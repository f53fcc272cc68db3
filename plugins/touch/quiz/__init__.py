"""Quizzes of two to four teams at one table, and what came out of group activities."""
