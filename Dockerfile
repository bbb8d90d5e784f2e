# scanmon for archives and for scanners without a screen: no window, no rights, no network needed.
#
#     docker build -t scanmon .
#     docker run --rm --network none -v "$PWD/archive:/data:ro" scanmon score /data > scores.jsonl
FROM python:3.12-slim AS build
WORKDIR /source
COPY . .
RUN pip wheel --no-cache-dir --no-deps --wheel-dir /wheels .

FROM python:3.12-slim
COPY --from=build /wheels /wheels
COPY tools/constraints.txt /wheels/
RUN apt-get update && apt-get install -y --no-install-recommends \
       libegl1 libgl1 libfontconfig1 libglib2.0-0 libxkbcommon0 libdbus-1-3 \
    && rm -rf /var/lib/apt/lists/* \
    && pip install --no-cache-dir -c /wheels/constraints.txt /wheels/*.whl \
    && rm -rf /wheels \
    && useradd --create-home scanmon
USER scanmon
WORKDIR /home/scanmon
ENV PYTHONUNBUFFERED=1
ENTRYPOINT ["scanmon"]
CMD ["doctor"]
