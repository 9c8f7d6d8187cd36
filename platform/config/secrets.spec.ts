import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, it } from '@jest/globals';
import { estimateBits, faultOfSecret, KEY_BITS, PASSWORD_BITS } from './secrets.ts';

const ROOT = path.join(import.meta.dirname, '../..');
const read = (file: string): string => readFileSync(path.join(ROOT, file), 'utf8');

describe('secrets', () => {
  it('of the repository are refused', () => {
    const environment = read('.env.development').matchAll(/^([A-Z0-9_]*(?:PASSWORD|SECRET|KEYS))=(.+)$/gm);
    const given = [...environment].flatMap(([, name = '', value = '']) =>
      name === 'SIGNING_KEYS' ? value.split(',').map((pair) => pair.slice(pair.indexOf(':') + 1)) : [value],
    );
    assert.ok(given.length >= 6, 'all of .env.development are found');
    const realms = [...read('deploy/keycloak/realm-prodvor.json').matchAll(/"(?:secret|value)": "([^"]+)"/g)].map(
      ([, value = '']) => value,
    );
    const ports = [...read('test/services/ports.ts').matchAll(/(?:password|secret): '([^']+)'/g)].map(
      ([, value = '']) => value,
    );
    const fixtures = [...read('product/product.fixture.ts').matchAll(/signingKey\('\w+', '([^']+)'\)/g)].map(
      ([, value = '']) => value,
    );
    assert.ok(realms.length > 0 && ports.length > 0 && fixtures.length > 0);
    for (const secret of [...given, ...realms, ...ports, ...fixtures])
      assert.match(faultOfSecret(secret, 0) ?? '', /source code/, secret);
  });

  it('that are easy to guess are refused', () => {
    const weak = [
      '',
      'a',
      'aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa',
      'abababababababababababab',
      'abcdefghijklmnopqrstuvwxyz',
      '12345678901234567890',
      '98765432109876543210',
      'qwertyuiopasdfghjkl',
      'QWERTYUIOPASDFGHJKL',
      'changeme',
      'changemechangeme',
      'change-me-change-me',
      'replace-this-secret-key',
      'secretsecretsecretsecret',
      'password-password',
      'prodvor-production-key',
      'йцукенгшщзхъфывапролджэ',
      '1111222233334444',
      'test-key-test-key',
      'aaaabbbbccccddddeeee',
      '0000000000000001',
      'P@ssw0rd',
      'Passw0rd123456789',
    ];
    for (const secret of weak) {
      assert.match(
        faultOfSecret(secret, KEY_BITS) ?? '',
        /harder to guess|source code/,
        `${secret}: ${estimateBits(secret)}`,
      );
      if (secret.length < 20) assert.ok(faultOfSecret(secret, PASSWORD_BITS), `${secret}: ${estimateBits(secret)}`);
    }
  });

  it('that are random are accepted, in each usual format', () => {
    for (let n = 0; n < 500; n++) {
      for (const key of [
        randomBytes(32).toString('base64'),
        randomBytes(32).toString('hex'),
        randomBytes(16).toString('hex'),
        randomBytes(18).toString('base64url'),
      ]) {
        assert.equal(faultOfSecret(key, KEY_BITS), undefined, `${key}: ${estimateBits(key)}`);
      }
      const password = randomBytes(12).toString('base64url');
      assert.equal(faultOfSecret(password, PASSWORD_BITS), undefined, `${password}: ${estimateBits(password)}`);
    }
  });

  it('are not in the errors', () => {
    for (const secret of ['prodvor', 'changeme'])
      assert.doesNotMatch(faultOfSecret(secret, KEY_BITS) ?? '', new RegExp(secret));
  });
});
