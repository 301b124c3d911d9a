"""Pods and Jobs, whosever they are: how they are rendered safely, and what their troubles say."""
