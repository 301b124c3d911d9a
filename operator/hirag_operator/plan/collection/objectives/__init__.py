"""If the index of a level achieves what its policy asks for: when it is measured, which ef it gets, what is told."""
