"""One file a data set: ABOUT and load(split, *, n, seed, ...); found by listing this folder."""
