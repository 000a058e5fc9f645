# The light install in a container: it scans recordings and serves a bundle, without torch.
#   docker build --tag oscine .
#   docker run --rm --volume "$PWD:/data" oscine scan bundle recordings --out scan
ARG PYTHON=3.11

FROM python:${PYTHON}-slim AS build
ARG EXTRAS=serve
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY src src
RUN python -m venv /opt/oscine && /opt/oscine/bin/pip install --no-cache-dir ".[${EXTRAS}]"

FROM python:${PYTHON}-slim
COPY --from=build /opt/oscine /opt/oscine
RUN useradd --create-home --uid 1000 oscine
ENV PATH=/opt/oscine/bin:$PATH
USER oscine
WORKDIR /data
EXPOSE 8000
ENTRYPOINT ["oscine"]
CMD ["--help"]
