"""What rows are made into, one file a pipeline; see `data.synth`."""
