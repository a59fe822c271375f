"""Text, before anything is indexed: words and their stems, and the stream of an article's tokens."""
