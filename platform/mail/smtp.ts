import { createTransport } from 'nodemailer';
import type { Transporter } from 'nodemailer';
import type SMTPPool from 'nodemailer/lib/smtp-pool/index.js';
import { MailError, parseFrom, toMessage } from './mail-sender.ts';
import type { Mail, MailFrom, MailSender } from './mail-sender.ts';

export interface SmtpMailSenderOptions {
  /** smtp://user:password@host:port or smtps://… */
  readonly url: string;
  /** `ProdVor <no-reply@example.org>` */
  readonly from: string;
  /** Connections that are kept open. */
  readonly connections?: number;
  /** For each of: connecting, the greeting, an answer. */
  readonly timeoutMs?: number;
}

/**
 * Mail by SMTP, over a few open connections.
 *
 * A refusal by the server (5xx, an address it does not take) is permanent; everything else (4xx, no connection, one
 * that was cut) may be tried again. A connection that is cut after the message was sent and before the server's answer
 * leaves it open whether the mail is under way: the repeat has the same Message-ID, by which mail programs recognise
 * it.
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
    // an idle connection that the server cuts; the next mail opens another
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
  // an account that the server does not let in (535) is the operator's mistake, not the mail's: it waits until that is
  // mended
  if (responseCode !== undefined && responseCode >= 500 && code !== 'EAUTH') {
    return new MailError('MAIL_REFUSED', `The mail server refused: ${text}`, { cause: error });
  }
  return new MailError('MAIL_UNAVAILABLE', `The mail server did not take it: ${code ?? 'error'}: ${text}`, {
    cause: error,
  });
}
