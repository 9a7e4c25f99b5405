"""Many documents: what counts as one, processes of their own, the store, and what a run leaves behind."""
