import { createHash, timingSafeEqual } from 'node:crypto';
import {
  Body,
  Controller,
  Get,
  Headers,
  HttpCode,
  Inject,
  Param,
  Post,
  Res,
  UnauthorizedException,
} from '@nestjs/common';
import type { Response } from 'express';
import { z } from 'zod';
import { MAIL_SETTINGS } from '../../../platform/injection/tokens.ts';
import { parseInput } from '../../../platform/graphql/input.ts';
import { UserErrors } from '../../../platform/graphql/user-errors.ts';
import type { MailSettings } from '../../../platform/mail/mail-sender.ts';
import { Contacts } from './contacts.ts';
import { EmailsService } from './emails.service.ts';
import { askPage, endPage } from './pages.ts';

const reports = z.object({
  events: z
    .array(z.object({ type: z.enum(['BOUNCED', 'COMPLAINED']), email: z.email().max(254) }))
    .min(1)
    .max(1000),
});

/**
 * Serves the pages behind the links in e-mails, and takes the reports of the mail provider. The pages need no sign-in:
 * the token in the link is the proof. GET changes nothing, because mail programs and virus scanners open every link.
 */
@Controller('emails')
export class EmailsController {
  constructor(
    private readonly emails: EmailsService,
    private readonly contacts: Contacts,
    @Inject(MAIL_SETTINGS) private readonly settings: MailSettings,
  ) {}

  @Get('verify/:token')
  askToVerify(@Res() res: Response): void {
    askPage(res, 'verify');
  }

  @Post('verify/:token')
  async verify(@Param('token') token: string, @Res() res: Response): Promise<void> {
    endPage(res, (await this.emails.verify(token)) ? 'verified' : 'wrongLink');
  }

  @Get('unsubscribe/:token')
  async askToUnsubscribe(@Param('token') token: string, @Res() res: Response): Promise<void> {
    if (await this.emails.canUnsubscribe(token)) askPage(res, 'unsubscribe');
    else endPage(res, 'wrongLink');
  }

  /**
   * Unsubscribes with one click (RFC 8058). The page's button or the mail program itself sends this POST. Idempotent.
   */
  @Post('unsubscribe/:token')
  async unsubscribe(@Param('token') token: string, @Res() res: Response): Promise<void> {
    endPage(res, (await this.emails.unsubscribe(token)) ? 'unsubscribed' : 'wrongLink');
  }

  /**
   * Takes reports of bounces and complaints. The mail provider sends them, or a small program that converts its format.
   * The caller proves itself with the shared secret as a bearer token. Answers 204 when all are stored, 422 for a
   * malformed report, and 401 for a wrong secret or when no secret is configured.
   */
  @Post('reports')
  @HttpCode(204)
  async reports(
    @Body() body: unknown,
    @Headers('authorization') authorization: string | undefined,
    @Res({ passthrough: true }) res: Response,
  ): Promise<{ userErrors: unknown } | undefined> {
    const { webhookSecret } = this.settings;
    if (webhookSecret === undefined || !isEqual(authorization ?? '', `Bearer ${webhookSecret}`))
      throw new UnauthorizedException();
    try {
      const { events } = parseInput(reports, body);
      await this.contacts.block(events.map(({ type, email }) => ({ email, reason: type })));
      return undefined;
    } catch (error) {
      if (!(error instanceof UserErrors)) throw error;
      res.status(422);
      return { userErrors: error.errors };
    }
  }
}

/** Whether two texts are equal. The time that it takes does not tell an attacker where the texts differ. */
const isEqual = (one: string, other: string): boolean =>
  timingSafeEqual(createHash('sha256').update(one).digest(), createHash('sha256').update(other).digest());
