# The data image: synthesis, ingest, screens, exams, and the head. Not built by us yet; linted.
#   docker build -f deploy/images/data.Dockerfile -t beltline:data .
FROM python:3.11-slim-bookworm
RUN useradd --create-home --uid 1000 ray && mkdir -p /mnt/nvme && chown ray /mnt/nvme
WORKDIR /home/ray/beltline
COPY pyproject.toml requirements.lock README.md LICENSE ./
COPY platform platform
COPY jobs jobs
COPY actors actors
RUN pip install --no-cache-dir --constraint requirements.lock --editable ".[cluster,exam,s3]"
USER 1000
ENV RAY_AUTH_MODE=token RAY_ENABLE_UV_RUN_RUNTIME_ENV=0 OMP_NUM_THREADS=1
