"""Work that runs to its end: subcommands of `hirag-jobs`, in a Job on a cluster or by hand at a terminal."""
