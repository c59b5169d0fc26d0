"""Pages and tables for people: blocks that become Markdown or one self-contained page of HTML."""
