"""What two or more of the sidecars need: wire models, errors, tokens, composition of texts, health, logs."""
