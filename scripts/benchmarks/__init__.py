"""The public tree measured: every figure beside its own ceiling, taken in the same run."""
