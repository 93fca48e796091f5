# The inference image: captions by vLLM in the cluster's actors, and serving. Not built by us yet; linted.
# vLLM 0.29.0 is what Ray 2.60.0 pins; its image brings the matching torch for CUDA.
#   docker build -f deploy/images/inference.Dockerfile -t beltline:inference .
FROM vllm/vllm-openai:v0.29.0
USER root
RUN useradd --create-home --uid 1000 ray && mkdir -p /mnt/nvme && chown ray /mnt/nvme
WORKDIR /home/ray/beltline
COPY pyproject.toml requirements.lock README.md LICENSE ./
COPY platform platform
COPY jobs jobs
COPY actors actors
# What the image has already (torch, vLLM, their companions) stays as it is: only what is missing comes from the lock.
RUN grep -viE '^(vllm|torch|nvidia|triton|xgrammar|flashinfer)' requirements.lock > /tmp/inference.lock \
    && pip install --no-cache-dir --constraint /tmp/inference.lock --editable ".[cluster,s3]"
ENTRYPOINT []
USER 1000
ENV RAY_AUTH_MODE=token RAY_ENABLE_UV_RUN_RUNTIME_ENV=0 RAYLLM_ENABLE_REQUEST_PROMPT_LOGS=0
