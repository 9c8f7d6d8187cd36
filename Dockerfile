# One image for every service: which one a container is, its command says (main.ts router | <subgraph> | migrate).
FROM node:24-slim

WORKDIR /app
# the image has its own Node 24, so the one that npm brings for older machines can go
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund \
  && rm -rf node_modules/node-linux-* node_modules/.bin/node \
  && npm cache clean --force

COPY . .
RUN node scripts/generate.mjs

ENV NODE_ENV=production
# the code belongs to root, and the process is not root: it cannot change it
USER node
EXPOSE 4000
CMD ["node", "--import", "./loader.mjs", "main.ts", "router"]
