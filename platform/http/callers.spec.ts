import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import {
  ANY,
  hostNameOf,
  hostRule,
  isLoopbackAddress,
  isLoopbackName,
  isLoopbackUrl,
  isOrigin,
  LOOPBACK,
  originRule,
  SELF,
} from './callers.ts';

const EVIL = [
  'evil.example',
  'localhost.evil.example',
  '127.0.0.1.evil.example',
  'evil.example:4000',
  'xlocalhost',
  'localhost.',
  '0.0.0.0',
  '0',
  '[::]',
  '10.0.0.1',
  '[fe80::1]',
  '128.0.0.1',
  '127.0.0.1@evil.example',
  'evil.example#127.0.0.1',
  '127.0.0.1#evil.example',
  '127.0.0.1/evil',
  '127.0.0.1 evil',
  '127.0.0.1,evil.example',
  '',
  ':4000',
  '127.0.0.1:x',
  'ⓛocalhost',
  '%6cocalhost',
];
const OURS = [
  'localhost',
  'LOCALHOST:4000',
  '127.0.0.1',
  '127.0.0.1:4000',
  '127.8.9.1',
  '[::1]',
  '[::1]:4000',
  'app.localhost:3000',
  '127.1',
  '2130706433',
];

describe('hosts', () => {
  it('loopback is every name and address that no name server can redirect', () => {
    const allowed = hostRule([LOOPBACK]);
    for (const host of OURS) assert.equal(allowed({ host }), true, host);
    for (const host of EVIL) assert.equal(allowed({ host }), false, host);
    assert.equal(allowed({}), false);
    assert.equal(allowed({ host: '127.0.0.1' }), true, 'after a refusal too');
  });

  it('are allowed by name with any port, or all with *', () => {
    const allowed = hostRule(['API.example.org', '192.168.1.5']);
    for (const host of ['api.example.org', 'api.example.org:8443', 'API.EXAMPLE.ORG', '192.168.1.5:4000'])
      assert.equal(allowed({ host }), true, host);
    for (const host of ['example.org', 'xapi.example.org', 'localhost', '127.0.0.1'])
      assert.equal(allowed({ host }), false, host);
    assert.equal(hostRule([ANY])({ host: 'evil.example' }), true);
    assert.equal(hostRule([ANY])({}), true);
  });

  it('report what is wrong with a list', () => {
    for (const entry of ['https://api.example.org', 'api.example.org:443', '', 'a b', '/'])
      assert.throws(() => hostRule([entry]), RangeError, entry);
  });
});

describe('origins', () => {
  it('pass when absent, because browsers send one whenever a foreign page could read the answer', () => {
    for (const list of [[], [LOOPBACK], ['https://app.example.org']]) assert.equal(originRule(list)({}), true);
  });

  it('are compared as a whole, with scheme and port', () => {
    const allowed = originRule(['https://app.example.org', 'http://10.0.0.7:3000']);
    for (const origin of ['https://app.example.org', 'http://10.0.0.7:3000'])
      assert.equal(allowed({ origin }), true, origin);
    for (const origin of [
      'http://app.example.org',
      'https://app.example.org:8443',
      'https://app.example.org.evil.example',
      'https://evil.example',
      'null',
      '',
      'http://10.0.0.7',
      'http://localhost',
    ]) {
      assert.equal(allowed({ origin }), false, origin);
    }
  });

  it('of loopback have any port and web scheme; a name that only starts like one is refused', () => {
    const allowed = originRule([LOOPBACK]);
    for (const origin of ['http://localhost:3000', 'https://127.0.0.1', 'http://[::1]:5173', 'http://app.localhost'])
      assert.equal(allowed({ origin }), true, origin);
    for (const origin of [
      'https://localhost.evil.example',
      'http://evil.example',
      'null',
      'file://localhost',
      'chrome-extension://localhost',
      'http://0.0.0.0:4000',
    ])
      assert.equal(allowed({ origin }), false, origin);
  });

  it('of the host itself must have its port', () => {
    const allowed = originRule([SELF]);
    for (const [origin, host] of [
      ['https://api.example.org', 'api.example.org'],
      ['https://api.example.org', 'api.example.org:443'],
      ['http://a:4000', 'A:4000'],
    ])
      assert.equal(allowed({ origin, host }), true, origin);
    for (const [origin, host] of [
      ['https://evil.example', 'api.example.org'],
      ['http://a:4001', 'a:4000'],
      ['http://a', undefined],
      ['http://a', 'x@a'],
    ])
      assert.equal(allowed({ origin, host }), false, origin);
  });

  it('are all allowed with *, also the origin of a sandbox', () => {
    for (const origin of ['null', 'https://evil.example']) assert.equal(originRule([ANY])({ origin }), true);
  });

  it('report what is wrong with a list', () => {
    for (const entry of [
      'app.example.org',
      'https://app.example.org/',
      'https://app.example.org/x',
      'ws://a',
      'https://u:p@a',
      'null',
      '',
    ]) {
      assert.equal(isOrigin(entry), false, entry);
      assert.throws(() => originRule([entry]), RangeError, entry);
    }
  });
});

it('recognises addresses and URLs of this machine', () => {
  for (const address of ['127.0.0.1', '127.9.9.9', '::1', '::ffff:127.0.0.1'])
    assert.equal(isLoopbackAddress(address), true, address);
  for (const address of [undefined, '', '10.0.0.1', '::ffff:10.0.0.1', '128.0.0.1', 'fe80::1'])
    assert.equal(isLoopbackAddress(address), false, String(address));
  for (const url of ['http://localhost:3000/x', 'https://127.0.0.1', 'http://[::1]:8000'])
    assert.equal(isLoopbackUrl(url), true, url);
  for (const url of ['https://api.example.org', 'localhost', '', 'http://localhost.evil.example', 'http://0.0.0.0'])
    assert.equal(isLoopbackUrl(url), false, url);
  assert.equal(isLoopbackName(hostNameOf('127.0.0.1:1') ?? ''), true);
});
