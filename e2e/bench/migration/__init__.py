"""What copying a collection costs, beside inserting it from memory and beside the loop that Weaviate's manual shows."""
