"""What holds for the shape of the whole: layers, sizes, names, models, their SQL, and the graph."""
