import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createTransport } from 'nodemailer';
import { MailError, parseFrom, toMessage } from './mail-sender.ts';
import type { Mail, MailFrom, MailSender } from './mail-sender.ts';

export interface FolderMailSenderOptions {
  /** The folder for the mails. It is created if it is missing. */
  readonly folder: string;
  /** The sender of all mails, for example `ProdVor <no-reply@example.org>`. */
  readonly from: string;
}

/**
 * Writes mails to files instead of sending them, for running without a mail server. Each mail becomes
 * `<folder>/<messageId>.eml`, which any mail program opens. The file appears complete or not at all. A mail with the
 * same messageId replaces the file.
 */
export class FolderMailSender implements MailSender {
  readonly #folder: string;
  readonly #from: MailFrom;
  readonly #transport = createTransport({ streamTransport: true, buffer: true, newline: 'windows' });

  constructor({ folder, from }: FolderMailSenderOptions) {
    this.#folder = folder;
    this.#from = parseFrom(from);
  }

  async send(mail: Mail): Promise<void> {
    const message = toMessage(mail, this.#from);
    const file = join(this.#folder, `${mail.messageId}.eml`);
    const draft = `${file}.${randomUUID()}.part`;
    try {
      const sent = await this.#transport.sendMail(message);
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      await writeFile(draft, sent.message as Buffer, { mode: 0o600 });
      await rename(draft, file);
    } catch (error) {
      await rm(draft, { force: true }).catch(() => undefined);
      throw new MailError('MAIL_UNAVAILABLE', `Cannot write ${file}: ${(error as Error).message}`, { cause: error });
    }
  }

  async close(): Promise<void> {
    this.#transport.close();
  }
}
