# syntax=docker/dockerfile:1
# The worker, the page and the command line. Needs DATABASE_URL, REDIS_URL if there is one, and the config file:
#   docker run -e DATABASE_URL=… -v ./segmentd.yaml:/app/segmentd.yaml:ro segmentd
#   docker run -e DATABASE_URL=… -p 8080:8080 segmentd serve --listen 0.0.0.0:8080 --auth proxy …   (src/manual/http.md has the rest)
#   docker run --rm -e DATABASE_URL=… -v ./segmentd.yaml:/app/segmentd.yaml:ro segmentd list

FROM node:20-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY src src
RUN npm run build

# The image needs neither the compilers nor the Postgres that npm installs for development (optional packages).
FROM node:20-bookworm-slim AS modules
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --omit=dev --omit=optional --ignore-scripts && npm cache clean --force

FROM node:20-bookworm-slim
ENV NODE_ENV=production
WORKDIR /app
COPY --from=modules /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json LICENSE ./
COPY drizzle drizzle
COPY sql sql
# The folder of scheduled exports; the container writes nothing else.
RUN install -d -o node -g node /export
ENV SEGMENTD_EXPORT_FOLDER=/export
VOLUME /export
USER node
# On loopback, for the check below. `-e SEGMENTD_HTTP=0.0.0.0:9464` opens it to Prometheus.
ENV SEGMENTD_HTTP=9464
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s CMD ["node", "-e", "fetch('http://127.0.0.1:' + process.env.SEGMENTD_HTTP.split(':').pop() + '/readyz').then((r) => process.exit(r.ok ? 0 : 1), () => process.exit(1))"]
# Of the page, for `serve` and `run --serve`; on loopback until `--listen` and `--auth` say otherwise.
ENV SEGMENTD_LISTEN=8080
EXPOSE 8080
# Exec form: node is process 1 and receives SIGTERM itself; `run` finishes its batch and exits.
ENTRYPOINT ["node", "dist/cli/main.js"]
CMD ["run"]
