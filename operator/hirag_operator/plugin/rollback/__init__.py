"""`kubectl hirag rollback`: goes back to what served before a change that the spec still declares."""
