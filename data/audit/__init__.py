"""`python -m data audit NAME`: what is odd about a data set, before anybody trains on it or believes its numbers."""
