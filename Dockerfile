# One image for every service: which one a container is, its command says (main.ts router | <subgraph> | migrate).
FROM node:24-slim

WORKDIR /app
# what running needs, without the tools of development; the image has its own Node 24, so npm leaves out the one for older machines
COPY package.json package-lock.json .npmrc ./
COPY scripts/node scripts/node
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund && npm cache clean --force

# with the generated code that running needs: it is committed
COPY . .

ENV NODE_ENV=production
# the code belongs to root, and the process is not root: it cannot change it
USER node
EXPOSE 4000
CMD ["node", "--import", "./loader.mjs", "main.ts", "router"]
