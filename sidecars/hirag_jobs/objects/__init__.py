"""Objects as they pass between Weaviate and a job: in whole pages, their vectors unparsed, by the client's stubs."""
