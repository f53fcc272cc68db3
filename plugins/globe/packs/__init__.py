"""Content packs: cards about places that schools add to the atlas, signed by their makers."""
