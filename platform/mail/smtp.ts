import { createTransport } from 'nodemailer';
import type { Transporter } from 'nodemailer';
import type SMTPPool from 'nodemailer/lib/smtp-pool/index.js';
import { MailError, parseFrom, toMessage } from './mail-sender.ts';
import type { DkimKey, Mail, MailFrom, MailSender } from './mail-sender.ts';

export interface SmtpMailSenderOptions {
  /** The mail server: `smtp://user:password@host:port` or `smtps://…`. */
  readonly url: string;
  /** The sender of all mails, for example `ProdVor <no-reply@example.org>`. */
  readonly from: string;
  /** The key that signs mails. Absent: this process does not sign them; the mail server may sign them. */
  readonly dkim?: DkimKey;
  /** The largest number of connections to the mail server. Further mails wait for a free one. Default 3. */
  readonly connections?: number;
  /** The timeout for each of the connection, the server's greeting and an answer. Milliseconds. Default 15,000. */
  readonly timeoutMs?: number;
}

/**
 * Sends mail by SMTP over a few open connections.
 *
 * A refusal of the mail by the server (5xx, for example for an address that it does not accept) is permanent, and so is
 * MAIL_INVALID. Every other failure (4xx, no connection, a cut connection, a refused login) may be retried. If the
 * connection is cut between the message and the server's answer, the mail may have been sent. The repeat has the same
 * Message-ID, so mail programs recognise it.
 */
export class SmtpMailSender implements MailSender {
  readonly #transport: Transporter<SMTPPool.SentMessageInfo>;
  readonly #from: MailFrom;
  readonly #dkim: DkimKey | undefined;

  constructor({ url, from, dkim, connections = 3, timeoutMs = 15_000 }: SmtpMailSenderOptions) {
    this.#from = parseFrom(from);
    this.#dkim = dkim;
    this.#transport = createTransport({
      url,
      pool: true,
      maxConnections: connections,
      maxMessages: 100,
      connectionTimeout: timeoutMs,
      greetingTimeout: timeoutMs,
      socketTimeout: timeoutMs,
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    // The server may cut an idle connection. That is no failure, because the next mail opens another connection.
    this.#transport.on('error', () => undefined);
  }

  async send(mail: Mail): Promise<void> {
    const message = toMessage(mail, this.#from, this.#dkim);
    try {
      await this.#transport.sendMail(message);
    } catch (error) {
      throw mailErrorOf(error);
    }
  }

  async close(): Promise<void> {
    this.#transport.close();
  }
}

function mailErrorOf(error: unknown): MailError {
  const { responseCode, code, message } = error as { responseCode?: number; code?: string; message?: string };
  const text = message ?? String(error);
  // A refused login (535) is a mistake in the configuration and not in the mail. So the mail is tried again.
  if (responseCode !== undefined && responseCode >= 500 && code !== 'EAUTH') {
    return new MailError('MAIL_REFUSED', `The mail server refused: ${text}`, { cause: error });
  }
  return new MailError('MAIL_UNAVAILABLE', `The mail server did not take the mail: ${code ?? 'error'}: ${text}`, {
    cause: error,
  });
}
