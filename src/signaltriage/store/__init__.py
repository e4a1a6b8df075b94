"""What is kept on disk: the model folder (data only, verified before use)."""
