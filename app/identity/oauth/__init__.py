"""The authorization server: Authlib's grants over our tables, its endpoints, pages, metadata and clients."""
