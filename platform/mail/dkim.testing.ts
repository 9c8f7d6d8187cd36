import { createVerify, type KeyObject } from 'node:crypto';

/**
 * Checks the DKIM signature of a mail's headers (RFC 6376, canonicalization "relaxed"). The hash of the body is not
 * checked. @returns the signature's domain and selector, whether it is valid, and the headers that it covers
 */
export function signedBy(raw: string, key: KeyObject) {
  const headers = (raw.split('\r\n\r\n', 1)[0] ?? '').split(/\r\n(?![ \t])/).map((line): [string, string] => {
    const colon = line.indexOf(':');
    const value = line
      .slice(colon + 1)
      .replaceAll(/\r\n/g, '')
      .replaceAll(/[ \t]+/g, ' ')
      .trim();
    return [line.slice(0, colon).trim().toLowerCase(), value];
  });
  const signature = headers.find(([name]) => name === 'dkim-signature')?.[1] ?? '';
  const tags = new Map(signature.split(';').map((tag) => tag.trim().split(/=(.*)/s).slice(0, 2) as [string, string]));
  const covers = (tags.get('h') ?? '').replaceAll(' ', '').toLowerCase().split(':');
  const lines = covers.flatMap((name) =>
    headers.filter(([of]) => of === name).map(([of, value]) => `${of}:${value}\r\n`),
  );
  const unsigned = `dkim-signature:${signature.replace(/(b=)[^;]*$/, '$1')}`;
  const isValid = createVerify('RSA-SHA256')
    .update(lines.join('') + unsigned)
    .verify(key, (tags.get('b') ?? '').replaceAll(' ', ''), 'base64');
  return { domain: tags.get('d'), selector: tags.get('s'), isValid, covers: covers.sort() };
}
