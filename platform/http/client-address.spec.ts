import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { clientAddressOf, clientNetworkOf, trustedProxies } from './client-address.ts';

const proxies = trustedProxies(['10.0.0.7', '172.28.0.0/24', 'fd00::/8']);
const from = (remoteAddress: string | undefined, forwarded?: string): string =>
  clientAddressOf(
    { socket: { remoteAddress }, headers: forwarded === undefined ? {} : { 'x-forwarded-for': forwarded } },
    proxies,
  );

describe('the address of a client', () => {
  const cases: [what: string, peer: string | undefined, forwarded: string | undefined, client: string][] = [
    ['a peer is itself', '192.0.2.1', undefined, '192.0.2.1'],
    ['a peer that is no proxy is not believed', '192.0.2.1', '203.0.113.9', '192.0.2.1'],
    ['a proxy is believed', '10.0.0.7', '203.0.113.9', '203.0.113.9'],
    ['a neighbour of a proxy is not', '10.0.0.8', '203.0.113.9', '10.0.0.8'],
    ['what the client wrote before the proxy is not believed', '10.0.0.7', '127.0.0.1, 203.0.113.9', '203.0.113.9'],
    ['two proxies', '10.0.0.7', '203.0.113.9, 172.28.0.200', '203.0.113.9'],
    ['proxies alone: the first of them', '10.0.0.7', '172.28.0.9, 172.28.0.200', '172.28.0.9'],
    ['a word that is no address ends it', '10.0.0.7', '203.0.113.9, unknown', '10.0.0.7'],
    ['an empty header', '10.0.0.7', '', '10.0.0.7'],
    ['with a port', '10.0.0.7', '203.0.113.9:4711', '203.0.113.9'],
    ['IPv6 with a port', '10.0.0.7', '[2001:DB8::1]:4711', '2001:db8::1'],
    ['IPv4 mapped into IPv6', '::ffff:10.0.0.7', '::ffff:203.0.113.9', '203.0.113.9'],
    ['a proxy with IPv6', 'fd00::1', '2001:db8::1', '2001:db8::1'],
    ['a link-local peer', 'fe80::1%eth0', undefined, 'fe80::1'],
    ['a connection that is gone', undefined, '203.0.113.9', '0.0.0.0'],
  ];
  for (const [what, peer, forwarded, client] of cases) it(what, () => assert.equal(from(peer, forwarded), client));

  it('refuses an entry that is no address and no subnet', () => {
    for (const wrong of [
      '',
      'kong',
      '10.0.0',
      '10.0.0.0/33',
      '10.0.0.0/x',
      '10.0.0.0/',
      '10.0.0.0/8/8',
      '::/129',
      '*',
    ]) {
      assert.throws(() => trustedProxies([wrong]), /neither an address nor a subnet/, wrong);
    }
  });

  it('counts the 64 bits of a customer as one client', () => {
    const one = ['2001:db8:0:7::1', '2001:db8:0:7:ffff::2', '2001:0db8:0000:0007:1:2:3:4', '2001:db8::7:0:0:0:0'].map(
      clientNetworkOf,
    );
    assert.deepEqual(new Set(one), new Set(['2001:db8:0:7::/64']));
    assert.equal(clientNetworkOf('2001:db8:0:8::1'), '2001:db8:0:8::/64');
    assert.equal(clientNetworkOf('::1'), '0:0:0:0::/64');
    assert.equal(clientNetworkOf('192.0.2.1'), '192.0.2.1');
  });
});
