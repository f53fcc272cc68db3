"""Games about the atlas: questions in turn for one to four players."""
