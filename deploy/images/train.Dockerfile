# The train image: DeepSpeed under Ray Train on H200. Not built by us yet; linted.
# The lock names torch without its build: on this image it is the CUDA one. The base brings nvcc, which DeepSpeed asks for.
#   docker build -f deploy/images/train.Dockerfile -t beltline:train .
FROM nvidia/cuda:12.8.1-cudnn-devel-ubuntu22.04
SHELL ["/bin/bash", "-o", "pipefail", "-c"]
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends software-properties-common \
    && add-apt-repository -y ppa:deadsnakes/ppa && apt-get update \
    && apt-get install -y --no-install-recommends python3.11 python3.11-venv python3.11-dev g++ libibverbs1 \
    && rm -rf /var/lib/apt/lists/*
RUN useradd --create-home --uid 1000 ray && mkdir -p /mnt/nvme && chown ray /mnt/nvme \
    && python3.11 -m venv /opt/venv
ENV PATH=/opt/venv/bin:$PATH
WORKDIR /home/ray/beltline
COPY pyproject.toml requirements.lock README.md LICENSE ./
COPY platform platform
COPY jobs jobs
COPY actors actors
# vLLM is another image's: its builds of torch's companions and DeepSpeed's are looked after apart.
RUN grep -viE '^(vllm|torchaudio|torchcodec|torchvision)' requirements.lock > /tmp/train.lock \
    && pip install --no-cache-dir --constraint /tmp/train.lock --editable ".[cluster,learning,s3]"
USER 1000
ENV RAY_AUTH_MODE=token RAY_ENABLE_UV_RUN_RUNTIME_ENV=0 \
    LD_LIBRARY_PATH=/opt/amazon/efa/lib:/opt/amazon/aws-ofi-nccl/lib FI_PROVIDER=efa NCCL_SOCKET_IFNAME=^lo,docker,veth
