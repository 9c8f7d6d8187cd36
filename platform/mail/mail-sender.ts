import { z } from 'zod';

export interface Mail {
  /** One address without a name: `name@example.org`. */
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
  /** The job's id. The Message-ID contains it, so a mail that is sent twice is recognised. */
  readonly messageId: string;
}

/** Sends one mail to one person. A job sends its mail at least once. */
export interface MailSender {
  /** @throws {MailError} */
  send(mail: Mail): Promise<void>;
  close(): Promise<void>;
}

export type MailErrorCode = 'MAIL_INVALID' | 'MAIL_REFUSED' | 'MAIL_UNAVAILABLE';

export class MailError extends Error {
  readonly code: MailErrorCode;
  /** Whether repeating is useless. Then the job queue moves the job to the dead queue at once. */
  readonly permanent: boolean;
  constructor(code: MailErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'MailError';
    this.code = code;
    this.permanent = code !== 'MAIL_UNAVAILABLE';
  }
}

const oneLine = z.string().regex(/^[^\p{Cc}\u2028\u2029]*$/u, 'must not have control characters');

const mailSchema = z.object({
  to: z.email().max(254),
  // A blank subject would be left out of the message.
  subject: oneLine.regex(/\S/u, 'must not be blank').max(300),
  text: z.string().min(1).max(500_000),
  html: z.string().max(1_000_000).optional(),
  messageId: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'must be letters, digits, ".", "_" and "-"'),
});

/**
 * Validates a mail. Every mail passes through it before a mail library gets it, so no field can add a header, a
 * recipient or an SMTP command.
 * @throws {MailError} MAIL_INVALID with the field
 */
export function checkMail(mail: Mail): Mail {
  const result = mailSchema.safeParse(mail);
  if (result.success) return mail;
  const issue = result.error.issues[0];
  throw new MailError('MAIL_INVALID', `Mail field "${issue?.path.join('.') ?? ''}": ${issue?.message ?? 'invalid'}`);
}

/** The sender of mails: `ProdVor <no-reply@example.org>`, or a bare address. */
export interface MailFrom {
  readonly name: string;
  readonly address: string;
}

/** @throws {MailError} MAIL_INVALID when it is not one mailbox */
export function parseFrom(from: string): MailFrom {
  const match = /^(?:(?<name>[^<>"]*)<(?<boxed>[^<>]*)>|(?<bare>[^<>\s]+))$/u.exec(from.trim())?.groups;
  const parsed = z
    .object({ name: oneLine.max(100), address: z.email() })
    .safeParse({ name: match?.name?.trim() ?? '', address: match?.boxed ?? match?.bare });
  if (!parsed.success) throw new MailError('MAIL_INVALID', `The sender "${from}" is not "Name <address>"`);
  return parsed.data;
}

/** The message in nodemailer's form, for both adapters. */
export function toMessage(mail: Mail, from: MailFrom) {
  const { to, subject, text, html, messageId } = checkMail(mail);
  const domain = from.address.slice(from.address.lastIndexOf('@') + 1);
  return {
    from,
    // An object is not parsed for lists and groups.
    to: { name: '', address: to },
    subject,
    text,
    ...(html === undefined ? {} : { html }),
    messageId: `<${messageId}@${domain}>`,
    disableFileAccess: true,
    disableUrlAccess: true,
    headers: { 'Auto-Submitted': 'auto-generated' },
  };
}
