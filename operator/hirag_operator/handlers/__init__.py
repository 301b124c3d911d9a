"""The only room that knows kopf: events become keys in a queue, workers take them to `reconcile`."""
