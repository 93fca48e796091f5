"""Exams that others set: read by path from the files as their authors publish them."""
