"""What a reader sees of an article: its best sentences, and in them what matched. The same for every backend."""
