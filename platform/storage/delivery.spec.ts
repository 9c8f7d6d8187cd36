import assert from 'node:assert/strict';
import { createVerify, createHmac, generateKeyPairSync } from 'node:crypto';
import { describe, it } from '@jest/globals';
import { cloudflare, cloudFront, deliveryOf, LINK_SECONDS } from './delivery.ts';
import { NoStorage } from './none.ts';
import { openFolder } from './contract.adapters.ts';

const storage = new NoStorage();
const [open, hidden] = ['public/0af1/a.webp', 'files/0af1/a.webp'];

describe('links', () => {
  it('to public files are the address of the CDN, and do not end', async () => {
    const delivery = deliveryOf({ storage, publicUrl: 'https://cdn.example' });
    assert.equal(delivery.publicUrl(open), 'https://cdn.example/public/0af1/a.webp');
    assert.equal(await delivery.url(open), delivery.publicUrl(open));
    assert.equal(delivery.publicUrl(hidden), null);
    assert.equal(deliveryOf({ storage }).publicUrl(open), null);
  });

  it('to private files are signed by the storage without a CDN that checks them', async () => {
    const opened = await openFolder();
    await opened.storage.put(hidden, Buffer.from('picture'));
    const url = await deliveryOf({ storage: opened.storage, publicUrl: 'https://cdn.example' }).url(hidden);
    assert.equal((await fetch(url)).status, 200);
    const expires = Number(new URL(url).searchParams.get('expires'));
    assert.ok(Math.abs(expires - Date.now() / 1000 - LINK_SECONDS) < 60);
    await opened.close();
  });
});

describe('a signed link of CloudFront', () => {
  it('is that of the canned policy in Amazon’s documentation', () => {
    // The sample key of the documentation, which many libraries test with.
    const key = [
      '-----BEGIN RSA PRIVATE KEY-----',
      'MIICXQIBAAKBgQDA7ki9gI/lRygIoOjV1yymgx6FYFlzJ+z1ATMaLo57nL57AavW',
      'hb68HYY8EA0GJU9xQdMVaHBogF3eiCWYXSUZCWM/+M5+ZcdQraRRScucmn6g4EvY',
      '2K4W2pxbqH8vmUikPxir41EeBPLjMOzKvbzzQy9e/zzIQVREKSp/7y1mywIDAQAB',
      'AoGABc7mp7XYHynuPZxChjWNJZIq+A73gm0ASDv6At7F8Vi9r0xUlQe/v0AQS3yc',
      'N8QlyR4XMbzMLYk3yjxFDXo4ZKQtOGzLGteCU2srANiLv26/imXA8FVidZftTAtL',
      'viWQZBVPTeYIA69ATUYPEq0a5u5wjGyUOij9OWyuy01mbPkCQQDluYoNpPOekQ0Z',
      'WrPgJ5rxc8f6zG37ZVoDBiexqtVShIF5W3xYuWhW5kYb0hliYfkq15cS7t9m95h3',
      '1QJf/xI/AkEA1v9l/WN1a1N3rOK4VGoCokx7kR2SyTMSbZgF9IWJNOugR/WZw7HT',
      'njipO3c9dy1Ms9pUKwUF46d7049ck8HwdQJARgrSKuLWXMyBH+/l1Dx/I4tXuAJI',
      'rlPyo+VmiOc7b5NzHptkSHEPfR9s1OK0VqjknclqCJ3Ig86OMEtEFBzjZQJBAKYz',
      '470hcPkaGk7tKYAgP48FvxRsnzeooptURW5E+M+PQ2W9iDPPOX9739+Xi02hGEWF',
      'B0IGbQoTRFdE4VVcPK0CQQCeS84lODlC0Y2BZv2JxW3Osv/WkUQ4dslfAQl1T303',
      '7uwwr7XTroMv8dIFQIPreoPhRKmd/SbJzbiKfS/4QDhU',
      '-----END RSA PRIVATE KEY-----',
    ].join('\n');
    const url = 'http://d604721fxaaqy9.cloudfront.net/horizon.jpg?large=yes&license=yes';
    const signed = cloudFront('PK123456789754', key).sign(url, new Date((1_258_237_200 - LINK_SECONDS) * 1000));
    assert.equal(
      signed,
      `${url}&Expires=1258237200&Signature=Nql641NHEUkUaXQHZINK1FZ~SYeUSoBJMxjdgqrzIdzV2gyEXPDNv0pYdWJkflDKJ3xIu7lbwRpSkG98NBlgPi4ZJpRRnVX4kXAJK6tdNx6FucDB7OVqzcxkxHsGFd8VCG1BkC-Afh9~lOCMIYHIaiOB6~5jt9w2EOwi6sIIqrg_&Key-Pair-Id=PK123456789754`,
    );
  });

  it('is verified with the public key', async () => {
    const { publicKey, privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
    const url = await deliveryOf({ storage, publicUrl: 'https://cdn.example', signer: cloudFront('K1', pem) }).url(
      hidden,
    );
    const { searchParams: query, origin, pathname } = new URL(url);
    const policy = `{"Statement":[{"Resource":"${origin}${pathname}","Condition":{"DateLessThan":{"AWS:EpochTime":${query.get('Expires')}}}}]}`;
    const signature = (query.get('Signature') ?? '').replaceAll('-', '+').replaceAll('_', '=').replaceAll('~', '/');
    assert.ok(createVerify('RSA-SHA1').update(policy).verify(publicKey, signature, 'base64'));
  });
});

describe('a signed link of Cloudflare', () => {
  // Computed with `printf '/files/0af1/a.webp1484063787' | openssl dgst -sha256 -hmac mysecrettoken -binary | base64`. The
  // token in Cloudflare's documentation does not belong to the key that it names.
  it('has the token of the documented form', async () => {
    const now = () => new Date(1_484_063_787_500);
    const signer = cloudflare('mysecrettoken');
    const url = await deliveryOf({ storage, publicUrl: 'https://cdn.example', signer, now }).url(hidden);
    const mac = createHmac('sha256', 'mysecrettoken').update('/files/0af1/a.webp1484063787').digest('base64');
    assert.equal(mac, 'IRPs4eGH15uQmchRFh9eC7NrWk1s1jC648jQe1NIp8I=');
    assert.equal(url, `https://cdn.example/files/0af1/a.webp?verify=1484063787-${encodeURIComponent(mac)}`);
    assert.equal('?verify='.length, 8, 'the length of the separator in the rule');
  });
});
