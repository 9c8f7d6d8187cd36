import type { Config } from '../config/config.ts';
import { FolderMailSender } from './folder.ts';
import type { MailSender, MailSettings } from './mail-sender.ts';
import { SmtpMailSender } from './smtp.ts';

/** Opens the sender: SMTP if a server is configured, otherwise a folder of .eml files, which are not signed. */
export function openMail(
  { SMTP_URL: url, MAIL_FROM: from, DKIM_SELECTOR: selector, DKIM_PRIVATE_KEY: privateKey }: Config,
  folder: string,
): MailSender {
  if (!url) return new FolderMailSender({ folder, from });
  return new SmtpMailSender({ url, from, ...(selector && privateKey && { dkim: { selector, privateKey } }) });
}

/** Reads the settings of mails from the configuration. @param origin used if PUBLIC_URL is not set */
export function mailSettingsOf(
  { PUBLIC_URL, WEB_URL, MAIL_WEBHOOK_SECRET, MAILINGS_PER_SECOND }: Config,
  origin: string | undefined,
): MailSettings {
  return {
    mailingsPerSecond: MAILINGS_PER_SECOND,
    publicUrl: (PUBLIC_URL ?? origin ?? '').replace(/\/$/, ''),
    ...(WEB_URL !== undefined && { webUrl: WEB_URL.replace(/\/$/, '') }),
    ...(MAIL_WEBHOOK_SECRET !== undefined && { webhookSecret: MAIL_WEBHOOK_SECRET }),
  };
}
