import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { exportJWK, generateKeyPair, SignJWT } from 'jose';
import type { Person } from './lines.ts';

/**
 * Replaces Keycloak, because Keycloak's own data are not part of a recording. Issues tokens for the recorded people,
 * with their recorded ids.
 */
export interface Issuer {
  /** For KEYCLOAK_ISSUER. */
  readonly url: string;
  token(person: Pick<Person, 'name' | 'userId' | 'email' | 'roles'>): Promise<string>;
  close(): Promise<void>;
}

export async function startIssuer(): Promise<Issuer> {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  const keys = JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: 'stored', alg: 'RS256', use: 'sig' }] });
  const server = createServer((_req, res) => void res.writeHead(200, { 'content-type': 'application/json' }).end(keys));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/realms/prodvor`;
  return {
    url,
    token: ({ name, userId, email, roles }) =>
      new SignJWT({ azp: 'prodvor-test', typ: 'Bearer', preferred_username: name, email, email_verified: true, roles })
        .setProtectedHeader({ alg: 'RS256', kid: 'stored', typ: 'JWT' })
        .setIssuer(url)
        .setAudience('prodvor-api')
        .setSubject(userId)
        .setIssuedAt()
        .setExpirationTime('10m')
        .sign(privateKey),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
