"""Objects as they pass between Weaviate and a job: whole pages of them, their vectors unparsed, by the client's stubs."""
