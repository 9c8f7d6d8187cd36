import type { Config } from '../config/config.ts';
import { FolderMailSender } from './folder.ts';
import type { MailSender } from './mail-sender.ts';
import { SmtpMailSender } from './smtp.ts';

/** SMTP if a server is configured, otherwise a folder of .eml files. */
export function openMail({ SMTP_URL: url, MAIL_FROM: from }: Config, folder: string): MailSender {
  return url ? new SmtpMailSender({ url, from }) : new FolderMailSender({ folder, from });
}
