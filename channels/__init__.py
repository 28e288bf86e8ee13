"""One file or folder here is one network through one library; each is loaded by entry point."""
