// Which service's schema the Prisma CLI works on, and where its database is: set by scripts/prisma.mjs.
import path from 'node:path';
import { defineConfig } from 'prisma/config';

const directory = process.env.PRISMA_SERVICE_DIRECTORY ?? '';
const url = process.env.PRISMA_DATABASE_URL;

export default defineConfig({
  // All .prisma files of the folder.
  schema: directory,
  migrations: { path: path.join(directory, 'migrations') },
  ...(url ? { datasource: { url } } : {}),
});
