"""What an operator of an earlier release left behind, kept as text, and brought back for the present one to find."""
