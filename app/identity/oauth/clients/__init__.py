"""Client applications: asked for by someone, approved by an admin of the territory."""
