# MLflow with PostgreSQL's driver and S3. Not built by us yet; linted.
FROM python:3.11-slim-bookworm
RUN useradd --create-home --uid 1000 mlflow
RUN pip install --no-cache-dir "mlflow[auth]==3.17.2" "psycopg2-binary==2.9.10" "boto3==1.43.58"
COPY start.sh /usr/local/bin/start.sh
USER 1000
WORKDIR /tmp
EXPOSE 5000
ENTRYPOINT ["bash", "/usr/local/bin/start.sh"]
