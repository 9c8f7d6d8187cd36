import assert from 'node:assert/strict';
import { type Network, type Person, until } from '../network.ts';

/** The text of a mail in quoted-printable. */
export const decoded = (raw: string): string =>
  Buffer.from(
    raw
      .replaceAll(/=\r?\n/g, '')
      .replaceAll(/=([0-9A-F]{2})/g, (_, hex: string) => String.fromCharCode(Number(`0x${hex}`))),
    'latin1',
  ).toString('utf8');

/** The origin of the pages behind the links of mails. The router passes these requests on, as Kong does. */
export const pagesOf = (network: Network): string => new URL(network.routers[0]?.url ?? '').origin;

/** Confirms a person's address by the link of the welcome mail. */
export async function confirmAddress(network: Network, { email }: Person): Promise<void> {
  const [mail] = await until('a welcome', async () => {
    const mails = await network.mailsTo(email);
    return mails.length > 0 && mails;
  });
  const link = /https?:\/\/\S+(\/emails\/verify\/[\w.-]+)/.exec(decoded(mail?.raw ?? ''))?.[1] ?? '';
  assert.equal((await fetch(pagesOf(network) + link, { method: 'POST' })).status, 200);
}
