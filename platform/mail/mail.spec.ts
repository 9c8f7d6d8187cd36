import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import type { AddressInfo, Socket } from 'node:net';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeEach, describe, it } from '@jest/globals';
import { SMTPServer } from 'smtp-server';
import fc from 'fast-check';
import { signedBy } from './dkim.testing.ts';
import { FolderMailSender } from './folder.ts';
import { checkMail, parseFrom } from './mail-sender.ts';
import type { Mail, MailSender } from './mail-sender.ts';
import { SmtpMailSender } from './smtp.ts';

const from = 'ProdVor <no-reply@prodvor.example>';
const mail: Mail = {
  to: 'anna@example.org',
  subject: 'Добро пожаловать во двор',
  text: 'Привет, Анна!\n.\nконец',
  html: '<p>Привет, Анна!</p>',
  messageId: '0f6b1f0e-3c86-5a0e-9d5e-1d5a4f1c2b3a',
};
const messageIdLine = /^Message-ID: <0f6b1f0e-3c86-5a0e-9d5e-1d5a4f1c2b3a@prodvor\.example>\r$/m;

const injections: Partial<Mail>[] = [
  { to: 'anna@example.org\r\nBcc: eve@example.org' },
  { to: 'anna@example.org, eve@example.org' },
  { to: 'Group: eve@example.org;' },
  { to: 'anna@example.org> SIZE=1\r\nRCPT TO:<eve@example.org' },
  { to: 'Anna <anna@example.org>' },
  { to: 'anna' },
  { to: '' },
  { subject: 'Hello\r\nBcc: eve@example.org' },
  { subject: 'Hello\nX: y' },
  { subject: 'a\u2028b' },
  { subject: '' },
  { subject: ' ' },
  { messageId: 'a@b>\r\nBcc: eve@example.org' },
  { messageId: '../../etc/passwd' },
  { text: '' },
  { unsubscribeUrl: 'javascript:alert(1)' },
  { unsubscribeUrl: 'https://prodvor.example/u>,<mailto:eve@example.org' },
  { unsubscribeUrl: 'https://prodvor.example/u\r\nBcc: eve@example.org' },
];

describe('a valid mail', () => {
  it('has one address, one line of subject and one plain id', () => {
    for (const wrong of injections) {
      assert.throws(
        () => checkMail({ ...mail, ...wrong }),
        { code: 'MAIL_INVALID', permanent: true },
        JSON.stringify(wrong),
      );
    }
    assert.equal(checkMail(mail), mail);
  });

  it('has a sender with or without a name', () => {
    assert.deepEqual(parseFrom(from), { name: 'ProdVor', address: 'no-reply@prodvor.example' });
    assert.deepEqual(parseFrom('a@b.example'), { name: '', address: 'a@b.example' });
    for (const wrong of ['', 'ProdVor', 'A <a@b.example>, B <b@b.example>', 'A\r\nBcc: x <a@b.example>', '<>']) {
      assert.throws(() => parseFrom(wrong), { code: 'MAIL_INVALID' });
    }
  });
});

describe('SMTP', () => {
  let server: SMTPServer;
  let received: { raw: string; to: string[] }[];
  let sessions: number;
  let refuse: { at: 'rcpt' | 'data'; code: number } | undefined;
  let cut: 'before' | 'after' | undefined;
  let sender: MailSender;
  let smtpUrl: string;

  beforeEach(async () => {
    received = [];
    sessions = 0;
    refuse = undefined;
    cut = undefined;
    const sockets = new Set<Socket>();
    const refusal = () => Object.assign(new Error('no'), { responseCode: refuse!.code });
    server = new SMTPServer({
      authOptional: true,
      disabledCommands: ['STARTTLS'],
      onConnect(_session, done) {
        sessions++;
        done();
      },
      onRcptTo(_address, _session, done) {
        done(refuse?.at === 'rcpt' ? refusal() : null);
      },
      onData(stream, session, done) {
        const chunks: Buffer[] = [];
        stream.on('data', (chunk: Buffer) => chunks.push(chunk));
        stream.on('end', () => {
          if (refuse?.at === 'data') return done(refusal());
          if (cut !== 'before') {
            received.push({
              raw: Buffer.concat(chunks).toString('utf8'),
              to: session.envelope.rcptTo.map(({ address }) => address),
            });
          }
          if (!cut) return done();
          cut = undefined;
          for (const socket of sockets) socket.destroy();
        });
      },
    });
    server.server.on('connection', (socket: Socket) => sockets.add(socket));
    server.on('error', () => undefined);
    server.listen(0, '127.0.0.1');
    await once(server.server, 'listening');
    const { port } = server.server.address() as AddressInfo;
    smtpUrl = `smtp://127.0.0.1:${port}`;
    sender = new SmtpMailSender({ url: smtpUrl, from, timeoutMs: 3000 });
  });
  afterEach(async () => {
    await sender.close();
    await new Promise<void>((resolve) => {
      server.close(() => resolve());
    });
  });

  it('sends subject, both bodies and a Message-ID with the job id, to one recipient', async () => {
    await sender.send(mail);
    const [{ raw, to }] = received as [(typeof received)[0]];
    assert.deepEqual(to, ['anna@example.org']);
    assert.match(raw, messageIdLine);
    assert.match(raw, /^From: ProdVor <no-reply@prodvor\.example>\r$/m);
    assert.match(raw, /^To: anna@example\.org\r$/m);
    assert.match(raw, /^Auto-Submitted: auto-generated\r$/m);
    assert.match(raw, /multipart\/alternative/);
    const encoded = /^Subject: ([^]*?)\r\n(?! )/m.exec(raw)?.[1] ?? '';
    assert.equal(decodeWords(encoded), mail.subject);
  });

  it('has both headers of one-click unsubscribing, and only with an address for it', async () => {
    const unsubscribeUrl = 'https://prodvor.example/emails/unsubscribe/abc.def-_';
    await sender.send({ ...mail, unsubscribeUrl });
    await sender.send({ ...mail, messageId: 'another' });
    const [first, second] = received.map(({ raw }) => raw.replaceAll(/\r\n[ \t]+/g, ' '));
    assert.match(first ?? '', new RegExp(`^List-Unsubscribe: <${unsubscribeUrl}>\r$`, 'm'));
    assert.match(first ?? '', /^List-Unsubscribe-Post: List-Unsubscribe=One-Click\r$/m);
    assert.doesNotMatch(second ?? '', /^List-/m);
  });

  it('signs the mail, with both headers of one-click unsubscribing', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();
    const signing = new SmtpMailSender({ url: smtpUrl, from, dkim: { selector: 'm1', privateKey: pem } });
    await signing.send({ ...mail, unsubscribeUrl: 'https://prodvor.example/emails/unsubscribe/abc' });
    await signing.close();
    const [{ raw }] = received as [(typeof received)[0]];
    assert.deepEqual(signedBy(raw, publicKey), {
      domain: 'prodvor.example',
      selector: 'm1',
      isValid: true,
      covers: [
        'content-type',
        'date',
        'from',
        'list-unsubscribe',
        'list-unsubscribe-post',
        'message-id',
        'mime-version',
        'subject',
        'to',
      ],
    });
    assert.equal(signedBy(raw.replace('unsubscribe/abc', 'unsubscribe/xyz'), publicKey).isValid, false);
  });

  it('keeps its connection for the next mail', async () => {
    for (let i = 0; i < 5; i++) await sender.send({ ...mail, messageId: `job-${i}` });
    assert.equal(received.length, 5);
    assert.equal(sessions, 1);
  });

  it('reports a refused address or message as permanent, and a busy mailbox as temporary', async () => {
    refuse = { at: 'rcpt', code: 550 };
    await assert.rejects(sender.send(mail), { code: 'MAIL_REFUSED', permanent: true });
    refuse = { at: 'data', code: 554 };
    await assert.rejects(sender.send(mail), { code: 'MAIL_REFUSED', permanent: true });
    refuse = { at: 'rcpt', code: 450 };
    await assert.rejects(sender.send(mail), { code: 'MAIL_UNAVAILABLE', permanent: false });
    refuse = undefined;
    await sender.send(mail);
    assert.equal(received.length, 1);
  });

  for (const moment of ['before', 'after'] as const) {
    it(`reports a connection cut ${moment} the server kept the mail as temporary, and repeats the Message-ID`, async () => {
      cut = moment;
      await assert.rejects(sender.send(mail), { code: 'MAIL_UNAVAILABLE', permanent: false });
      await sender.send(mail);
      assert.equal(received.length, moment === 'before' ? 1 : 2);
      for (const { raw } of received) assert.match(raw, messageIdLine);
    });
  }

  it('refuses injections before it sends anything to the server', async () => {
    for (const wrong of injections) await assert.rejects(sender.send({ ...mail, ...wrong }), { code: 'MAIL_INVALID' });
    assert.equal(sessions, 0);
  });
});

it('a silent or absent mail server fails in limited time', async () => {
  const silent = createServer().listen(0, '127.0.0.1');
  await once(silent, 'listening');
  const sockets: Socket[] = [];
  silent.on('connection', (socket) => sockets.push(socket));
  const { port } = silent.address() as AddressInfo;
  const mute = new SmtpMailSender({ url: `smtp://127.0.0.1:${port}`, from, timeoutMs: 200 });
  await assert.rejects(mute.send(mail), { code: 'MAIL_UNAVAILABLE', permanent: false });
  await mute.close();
  for (const socket of sockets) socket.destroy();
  silent.close();
  await once(silent, 'close');
  const absent = new SmtpMailSender({ url: `smtp://127.0.0.1:${port}`, from, timeoutMs: 200 });
  await assert.rejects(absent.send(mail), { code: 'MAIL_UNAVAILABLE', permanent: false });
  await absent.close();
});

describe('a folder of mails', () => {
  const folders: string[] = [];
  const newFolder = async () => {
    const folder = await mkdtemp(join(tmpdir(), 'mail-'));
    folders.push(folder);
    return folder;
  };
  afterAll(async () => {
    for (const folder of folders) await rm(folder, { recursive: true, force: true });
  });

  it('has one whole file per mail, for any number of repeats', async () => {
    const folder = join(await newFolder(), 'outbox');
    const sender = new FolderMailSender({ folder, from });
    await Promise.all([sender.send(mail), sender.send(mail), sender.send(mail)]);
    await sender.send({ ...mail, messageId: 'another' });
    assert.deepEqual((await readdir(folder)).sort(), [`${mail.messageId}.eml`, 'another.eml'].sort());
    const raw = await readFile(join(folder, `${mail.messageId}.eml`), 'utf8');
    assert.match(raw, messageIdLine);
    assert.match(raw, /^To: anna@example\.org\r$/m);
    await sender.close();
  });

  it('names the file that it cannot write, leaves nothing behind, and may be tried again', async () => {
    const blocked = join(await newFolder(), 'file');
    await writeFile(blocked, '');
    const sender = new FolderMailSender({ folder: blocked, from });
    await assert.rejects(sender.send(mail), (error: Error & { permanent?: boolean }) => {
      return error.message.includes(blocked) && error.permanent === false;
    });
    await sender.close();
  });

  it('writes correct headers for any text', async () => {
    const folder = await newFolder();
    const sender = new FolderMailSender({ folder, from });
    await fc.assert(
      fc.asyncProperty(
        fc.string({ unit: 'grapheme' }),
        fc.string({ unit: 'binary', minLength: 1 }),
        async (subject, text) => {
          const given = { to: mail.to, messageId: 'property', subject, text };
          try {
            checkMail(given);
          } catch {
            await assert.rejects(sender.send(given), { code: 'MAIL_INVALID' });
            return;
          }
          await sender.send(given);
          const head = (await readFile(join(folder, 'property.eml'), 'utf8')).split('\r\n\r\n', 1)[0]!;
          const names = head
            .replaceAll(/\r\n[ \t]+/g, ' ')
            .split('\r\n')
            .map((line) => line.split(':', 1)[0]!.toLowerCase());
          const allowed = [
            'auto-submitted',
            'content-transfer-encoding',
            'content-type',
            'date',
            'from',
            'message-id',
            'mime-version',
            'subject',
            'to',
          ];
          assert.deepEqual(names.sort(), allowed);
        },
      ),
      { numRuns: 200 },
    );
    await sender.close();
  });
});

function decodeWords(value: string): string {
  const words = [...value.matchAll(/=\?UTF-8\?([BQ])\?([^?]*)\?=/gi)];
  const bytes = words.map(([, kind, text]) => {
    if (kind?.toUpperCase() === 'B') return Buffer.from(text!, 'base64');
    const unescaped = text!
      .replaceAll('_', ' ')
      .replaceAll(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
    return Buffer.from(unescaped, 'latin1');
  });
  return Buffer.concat(bytes).toString('utf8');
}
