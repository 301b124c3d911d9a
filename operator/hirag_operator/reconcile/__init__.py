"""One file per kind: observe → plan → apply → status. Level-triggered: nothing is carried from one look to the next."""
