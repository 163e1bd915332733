"""One of five hosts is Byzantine: it holds its keys and says what it likes (design D3)."""
