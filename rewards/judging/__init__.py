"""Asking a language model for a verdict: what it is asked, over which wire, and what it has said before."""
