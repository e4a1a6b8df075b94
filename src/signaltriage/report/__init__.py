"""What was measured: `evaluation` as plain data, `page` as a self-contained HTML page."""
