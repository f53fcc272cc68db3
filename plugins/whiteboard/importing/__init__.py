"""Files as pages: a picture, or each page of a PDF as one. Rendered in a worker, never run."""
