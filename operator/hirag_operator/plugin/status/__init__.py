"""`kubectl hirag status`: how objects stand, as a tree, with what is wrong first."""
