# One image for every part of Sluice: the argument chooses, as in `docker run sluice generator`.
FROM node:24-bookworm-slim AS dependencies
WORKDIR /sluice
COPY package.json package-lock.json .npmrc ./
# The base has Node 24, so the one that npm would bring is not needed; nor is what only compilers and debuggers read.
RUN npm ci --omit=dev \
 && rm -rf node_modules/node-linux-* node_modules/.bin \
 && find node_modules -name "*.map" -delete -o -name "*.d.ts" -delete

FROM node:24-bookworm-slim AS sluice
# Its ports are reached from outside.
ENV NODE_ENV=production SLUICE_HOST=0.0.0.0
WORKDIR /sluice
COPY --from=dependencies /sluice/node_modules node_modules
COPY package.json ./
COPY clock clock
COPY fixtures fixtures
COPY emulators emulators
COPY pipeline pipeline
COPY src src
USER node
HEALTHCHECK --interval=10s --timeout=3s --start-period=20s --retries=3 CMD ["node", "src/cli/healthy.ts"]
ENTRYPOINT ["node", "src/cli/main.ts"]
CMD ["--help"]

# The same for the workers of a Beam runner with containers, such as Dataflow: `docker build --target worker`. Runners call
# it as they call Beam's own containers, by its entry point and with --id, --provision_endpoint and the like.
FROM sluice AS worker
HEALTHCHECK NONE
ENTRYPOINT ["node", "src/cli/main.ts", "beam-boot"]
CMD []

FROM sluice
