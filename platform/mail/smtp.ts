import { createTransport } from 'nodemailer';
import type { Transporter } from 'nodemailer';
import type SMTPPool from 'nodemailer/lib/smtp-pool/index.js';
import { MailError, parseFrom, toMessage } from './mail-sender.ts';
import type { Mail, MailFrom, MailSender } from './mail-sender.ts';

export interface SmtpMailSenderOptions {
  /** smtp://user:password@host:port or smtps://… */
  readonly url: string;
  /** For example `ProdVor <no-reply@example.org>`. */
  readonly from: string;
  /** Number of connections that are kept open. */
  readonly connections?: number;
  /** Timeout for each of: connecting, the greeting, an answer. Milliseconds. */
  readonly timeoutMs?: number;
}

/**
 * Sends mail by SMTP over a few open connections.
 *
 * A refusal by the server (5xx, an address that it does not accept) is permanent. Every other failure (4xx, no
 * connection, a cut connection) may be retried. If the connection is cut between the message and the server's answer,
 * the mail may have been sent. The repeat has the same Message-ID, so mail programs recognise it.
 */
export class SmtpMailSender implements MailSender {
  readonly #transport: Transporter<SMTPPool.SentMessageInfo>;
  readonly #from: MailFrom;

  constructor({ url, from, connections = 3, timeoutMs = 15_000 }: SmtpMailSenderOptions) {
    this.#from = parseFrom(from);
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
    // The server cuts an idle connection; the next mail opens another.
    this.#transport.on('error', () => undefined);
  }

  async send(mail: Mail): Promise<void> {
    const message = toMessage(mail, this.#from);
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
  // A refused login (535) is the operator's mistake and not the mail's, so the mail waits until that is fixed.
  if (responseCode !== undefined && responseCode >= 500 && code !== 'EAUTH') {
    return new MailError('MAIL_REFUSED', `The mail server refused: ${text}`, { cause: error });
  }
  return new MailError('MAIL_UNAVAILABLE', `The mail server did not take it: ${code ?? 'error'}: ${text}`, {
    cause: error,
  });
}
