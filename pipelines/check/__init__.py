"""Check: what a run would make of the files in landing, told before it is run and without a trace in the lake."""
