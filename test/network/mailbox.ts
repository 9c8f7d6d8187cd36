import { readFile, readdir } from 'node:fs/promises';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { SMTPServer } from 'smtp-server';

/** A delivered mail. */
export interface Arrived {
  readonly messageId: string;
  readonly raw: string;
}

/** Receives the product's mails. */
export interface Mailbox {
  /** The value of SMTP_URL with which the product sends its mails here. Absent when it writes mails to files. */
  readonly url?: string;
  /** All deliveries to this address, repeats included. */
  to(address: string): Promise<readonly Arrived[]>;
  /** All deliveries, in the order of arrival where that is known. */
  all(): Promise<readonly Arrived[]>;
  close(): Promise<void>;
}

const arrived = (raw: string): Arrived => ({ raw, messageId: /^Message-ID:\s*(\S+)/im.exec(raw)?.[1] ?? '' });
const isTo =
  (address: string) =>
  ({ raw }: Arrived): boolean =>
    raw.includes(`To: ${address}\r\n`);

/** Reads the mails that embedded mode writes to files when it has no mail server. */
export function folderMailbox(folder: string): Mailbox {
  const all = async (): Promise<Arrived[]> => {
    const files = (await readdir(folder).catch(() => [])).filter((file) => file.endsWith('.eml'));
    const mails = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')));
    return mails.map(arrived);
  };
  return { to: async (address) => (await all()).filter(isTo(address)), all, close: async () => undefined };
}

/**
 * Starts a mail server that keeps its mails in memory.
 * @param answer the server's reaction to an address: undefined accepts the mail, an SMTP code refuses it, a promise
 * delays the sender
 * @param onStored called when a mail is stored; the sender gets its answer when the promise resolves
 */
export async function smtpMailbox(
  answer: (address: string) => number | undefined | Promise<undefined> = () => undefined,
  onStored: (address: string) => Promise<unknown> | undefined = () => undefined,
): Promise<Mailbox> {
  const mails: Arrived[] = [];
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ['STARTTLS'],
    onRcptTo: ({ address }, _session, done) =>
      void Promise.resolve(answer(address)).then((responseCode) => {
        done(responseCode === undefined ? undefined : Object.assign(new Error('not this address'), { responseCode }));
      }),
    onData: (stream, session, done) =>
      void text(stream)
        .then(async (raw) => {
          mails.push(arrived(raw));
          await onStored(session.envelope.rcptTo[0]?.address ?? '');
        })
        .then(() => done(), done),
  });
  // A client that is killed cuts its connections. That is no error here.
  server.on('error', () => undefined);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.server.address() as AddressInfo;
  return {
    url: `smtp://127.0.0.1:${port}`,
    to: async (address) => mails.filter(isTo(address)),
    all: async () => [...mails],
    close: () => new Promise((resolve) => server.close(() => resolve())),
  };
}
