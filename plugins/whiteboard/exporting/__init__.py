"""A board as files: InkML, SVG, PDF, PNG.

`reading` (items out of documents), `outline` (the shape of a stroke, as the page draws it),
`drawing` (a page as fills, lines, texts and pictures), `svg`, `pdf`, `inkml`: all of it runs in a
worker (`work`). `service` is the hub's side.
"""
