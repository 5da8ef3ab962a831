"""One process per case, deadlines, and the books: from a provider to results.json."""
