import { z } from 'zod';

/** The parts of a service account's key file that are needed. */
export const serviceAccount = z.object({
  project_id: z.string().regex(/^[a-z][a-z0-9-]{1,62}$/),
  client_email: z.email(),
  private_key: z.string().startsWith('-----BEGIN PRIVATE KEY-----'),
  token_uri: z.url({ protocol: /^https?$/ }).default('https://oauth2.googleapis.com/token'),
});
export type ServiceAccount = z.output<typeof serviceAccount>;
