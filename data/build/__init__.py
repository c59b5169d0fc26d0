"""`python -m data build RECIPE`: sources read, cleaned step by step, shuffled and written as Parquet shards.

The corpus passes through folders of files, one folder a pass (`passes`, `shuffle`), so that a build that was stopped
goes on with the first file that is missing, and whatever ran it, on however many machines, the shards are the same
bytes.
"""
