"""Where a site can be put: a folder, a branch of a git repository, a repository or Space on the Hub."""
