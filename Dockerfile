# syntax=docker/dockerfile:1
# The worker and the command line. Needs DATABASE_URL, REDIS_URL if there is one, and the config file:
#   docker run -e DATABASE_URL=… -v ./segmentd.yaml:/app/segmentd.yaml:ro segmentd
#   docker run --rm -e DATABASE_URL=… -v ./segmentd.yaml:/app/segmentd.yaml:ro segmentd list

FROM node:20-bookworm-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
RUN npm ci --ignore-scripts
COPY tsconfig.json ./
COPY src src
RUN npm run build

# What runs needs neither the compilers nor the Postgres that npm brings for development (optional packages).
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
USER node
HEALTHCHECK --interval=30s --timeout=10s --start-period=20s CMD ["node", "dist/cli/main.js", "status", "--json"]
# Exec form: node is process 1 and hears SIGTERM itself; `run` finishes its batch and leaves.
ENTRYPOINT ["node", "dist/cli/main.js"]
CMD ["run"]
