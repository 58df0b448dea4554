"""What a run leaves behind: the response store and the run folder."""
