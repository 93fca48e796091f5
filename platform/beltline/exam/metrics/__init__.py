"""What an answer is worth: choices, boxes, label sets, words, and how sure the figure is."""
