import pg from 'pg';
import { createTestDatabase } from '../../test/database.ts';
import { eventLogContract } from './contract.ts';

eventLogContract('PostgreSQL', async () => {
  const database = await createTestDatabase();
  return {
    config: { adapter: 'postgres', url: database.url },
    async interrupt() {
      const client = new pg.Client({ connectionString: database.url });
      await client.connect();
      await client.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()');
      await client.end();
    },
    close: () => database.drop(),
  };
});
