# One image for all services. The command of a container selects its service: main.ts router | <subgraph> |
# worker <queue> | migrate.
FROM node:24-slim

WORKDIR /app
# Only `dependencies`. The image has its own Node 24, so npm omits the package with Node for older machines.
COPY package.json package-lock.json .npmrc ./
COPY scripts/node scripts/node
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund && npm cache clean --force
# The packages for S3, which embedded mode does not need. Node finds them beside platform/storage/s3.ts.
COPY deploy/s3 platform/storage
RUN npm ci --prefix platform/storage --omit=dev --ignore-scripts --no-audit --no-fund && npm cache clean --force

# Includes the generated code that the product needs at run time, because it is committed.
COPY . .

ENV NODE_ENV=production
# The code belongs to root. The process runs as another user, so it cannot change the code.
USER node
EXPOSE 4000
CMD ["node", "--import", "./loader.mjs", "main.ts", "router"]
