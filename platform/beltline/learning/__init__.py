"""How a model is taught: recipes, nano models, batches, the loop. torch and no ray; never an import of the exams."""
