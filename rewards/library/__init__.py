"""The library: one reward a file, named as the file.  A new file here is found without any other edit."""
