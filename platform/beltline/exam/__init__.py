"""How a model is judged: exams, answers, metrics, audits, and what others have published."""
