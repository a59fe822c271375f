"""The engine: articles in immutable segments on disk, query trees against them, ranked articles out."""
