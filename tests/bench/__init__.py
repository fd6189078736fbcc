"""What Treue takes in time and memory, each part beside a bare script over the same files: `make bench`."""
