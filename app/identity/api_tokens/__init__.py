"""API tokens: for scripts, made by their owner, narrowed, dated, shown once."""
