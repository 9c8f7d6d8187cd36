import { z } from 'zod';

export interface Mail {
  /** The address of the one recipient, without a name: `name@example.org`. */
  readonly to: string;
  readonly subject: string;
  readonly text: string;
  readonly html?: string;
  /**
   * A URL that unsubscribes the recipient from such mails when a mail program sends a POST to it (RFC 8058). The POST
   * has no cookies and no session. Mail programs show a button for this URL. Absent: the mail has no such button.
   */
  readonly unsubscribeUrl?: string;
  /** The id of the job that sends the mail. The Message-ID contains it, so mail programs recognise a repeated mail. */
  readonly messageId: string;
}

/** The addresses in mails, and the secret for reports about mails. */
export interface MailSettings {
  /** The URL at which clients reach the product, without a slash at its end. Links in mails begin with it. */
  readonly publicUrl: string;
  /** The URL of the web pages that show teams and matches. Absent: mails have no links to these pages. */
  readonly webUrl?: string;
  /**
   * The secret that the mail provider sends with its reports of bounces and complaints. Absent: reports are refused.
   */
  readonly webhookSecret?: string;
  /** The largest number of e-mails of mailings that this process sends in a second. Default 20. */
  readonly mailingsPerSecond?: number;
}

/** Sends one mail to one person. A job sends its mail at least once. */
export interface MailSender {
  /** Sends the mail. Resolves when the mail server has accepted it, or when it is in its file. @throws {MailError} */
  send(mail: Mail): Promise<void>;
  close(): Promise<void>;
}

export type MailErrorCode = 'MAIL_INVALID' | 'MAIL_REFUSED' | 'MAIL_UNAVAILABLE';

export class MailError extends Error {
  readonly code: MailErrorCode;
  /** Whether a repeat would fail too. If so, the job queue moves the job to the dead jobs after this attempt. */
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
  // The subject must not be blank, because a mail library would leave a blank one out of the message.
  subject: oneLine.regex(/\S/u, 'must not be blank').max(300),
  text: z.string().min(1).max(500_000),
  html: z.string().max(1_000_000).optional(),
  unsubscribeUrl: z
    .url({ protocol: /^https?$/ })
    .max(900)
    .regex(/^[\x21-\x3b\x3d\x3f-\x7e]+$/, 'must be ASCII without blanks and angle brackets')
    .optional(),
  messageId: z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'must be letters, digits, ".", "_" and "-"'),
});

/**
 * Validates a mail. Every mail is validated before a mail library gets it, so no field can add a header, a recipient or
 * an SMTP command.
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

/** Reads `Name <address>` or a bare address. @throws {MailError} MAIL_INVALID when the text is neither */
export function parseFrom(from: string): MailFrom {
  const match = /^(?:(?<name>[^<>"]*)<(?<boxed>[^<>]*)>|(?<bare>[^<>\s]+))$/u.exec(from.trim())?.groups;
  const parsed = z
    .object({ name: oneLine.max(100), address: z.email() })
    .safeParse({ name: match?.name?.trim() ?? '', address: match?.boxed ?? match?.bare });
  if (!parsed.success) throw new MailError('MAIL_INVALID', `The sender "${from}" is not "Name <address>"`);
  return parsed.data;
}

/** The key that signs mails with DKIM (RFC 6376). The signing domain is the domain of the sender's address. */
export interface DkimKey {
  readonly selector: string;
  /** The private key in PEM format. */
  readonly privateKey: string;
}

/**
 * The headers of a mail that its DKIM signature covers. RFC 8058 requires both headers of the unsubscribe link to be
 * signed; otherwise mail programs show no button. The default list of nodemailer lacks List-Unsubscribe-Post.
 */
const SIGNED_HEADERS = [
  'From',
  'To',
  'Subject',
  'Date',
  'Message-ID',
  'MIME-Version',
  'Content-Type',
  'Content-Transfer-Encoding',
  'List-Unsubscribe',
  'List-Unsubscribe-Post',
].join(':');

/** Converts a mail to a message of nodemailer. Both adapters use it. @throws {MailError} MAIL_INVALID */
export function toMessage(mail: Mail, from: MailFrom, dkim?: DkimKey) {
  const { to, subject, text, html, messageId, unsubscribeUrl } = checkMail(mail);
  const domain = from.address.slice(from.address.lastIndexOf('@') + 1);
  return {
    from,
    // nodemailer would read lists and groups from a text, and send to all of their addresses. An object is one address.
    to: { name: '', address: to },
    subject,
    text,
    ...(html === undefined ? {} : { html }),
    messageId: `<${messageId}@${domain}>`,
    disableFileAccess: true,
    disableUrlAccess: true,
    ...(dkim && {
      dkim: {
        domainName: domain,
        keySelector: dkim.selector,
        privateKey: dkim.privateKey,
        headerFieldNames: SIGNED_HEADERS,
      },
    }),
    headers: {
      'Auto-Submitted': 'auto-generated',
      ...(unsubscribeUrl === undefined
        ? {}
        : { 'List-Unsubscribe': `<${unsubscribeUrl}>`, 'List-Unsubscribe-Post': 'List-Unsubscribe=One-Click' }),
    },
  };
}
