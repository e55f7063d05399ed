"""Groups of commands, one module each: words in, one call of the store or the pipeline, figures out."""
