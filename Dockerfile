# syntax=docker/dockerfile:1
# Konomi in a container.  For an NVIDIA GPU build with
#   --build-arg TORCH_INDEX=https://download.pytorch.org/whl/cu130
# and run with --gpus all; the CUDA libraries come with PyTorch, not with the image.

# Pinned by digest, so that the same file builds from the same image; Dependabot brings newer ones.
# Of another Python: docker buildx imagetools inspect python:3.12-slim, and its digest in both places.
FROM python:3.13-slim@sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b AS build
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
RUN python -m venv /opt/konomi
ENV PATH=/opt/konomi/bin:$PATH
WORKDIR /src

# The largest layer first: it changes only with the versions.
COPY constraints.txt ./
RUN pip install --constraint constraints.txt --extra-index-url "${TORCH_INDEX}" torch

COPY pyproject.toml README.md LICENSE konomi.py ./
COPY bot ./bot
COPY generation ./generation
COPY storage ./storage
RUN pip install --constraint constraints.txt .

FROM python:3.13-slim@sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b
# Fixed ids, so that the owner of a mounted folder can be set from outside.
RUN groupadd --gid 1000 konomi \
    && useradd --uid 1000 --gid konomi --create-home konomi \
    && install --directory --owner=konomi --group=konomi /data
COPY --from=build /opt/konomi /opt/konomi
ENV PATH=/opt/konomi/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    KONOMI_DATA_DIR=/data/konomi \
    HF_HOME=/data/models
USER 1000:1000
WORKDIR /home/konomi
VOLUME /data

# Reads the age of a file that the running bot touches; opens no second connection.
HEALTHCHECK --interval=60s --timeout=10s --start-period=180s --retries=3 \
    CMD ["python", "-m", "bot", "doctor", "--alive"]
# The bot ends its generator and its database in order when it is interrupted.
STOPSIGNAL SIGINT
ENTRYPOINT ["python", "-m", "bot"]
CMD ["run"]
