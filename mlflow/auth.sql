-- Users and rights stand in a database of their own: MLflow's migrations of the two do not mix.
CREATE DATABASE mlflow_auth OWNER mlflow;
