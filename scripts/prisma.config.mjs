// The service whose schema the Prisma CLI works on, and the address of its database. scripts/prisma.mjs sets both.
import path from 'node:path';
import { defineConfig } from 'prisma/config';

const directory = process.env.PRISMA_SERVICE_DIRECTORY ?? '';
const url = process.env.PRISMA_DATABASE_URL;

export default defineConfig({
  // The CLI reads all .prisma files of this folder.
  schema: directory,
  migrations: { path: path.join(directory, 'migrations') },
  ...(url ? { datasource: { url } } : {}),
});
