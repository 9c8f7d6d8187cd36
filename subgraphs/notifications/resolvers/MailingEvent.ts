import { Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { referenceTo } from '../../../platform/graphql/global-id.ts';
import type { ResolversTypes } from '../generated/graphql.ts';
import type { MailingEvent } from '../generated/prisma/client.ts';

/** The numbers of e-mails of a mailing, or after one of its events. */
export const countsOf = ({
  total,
  sent,
  failed,
  skipped,
}: Pick<MailingEvent, 'total' | 'sent' | 'failed' | 'skipped'>): ResolversTypes['MailingCounts'] => ({
  total,
  sent,
  failed,
  skipped,
  waiting: total === null ? 0 : total - sent - failed - skipped,
});

@Resolver('MailingEvent')
export class MailingEventResolver {
  @ResolveField()
  createdAt(@Parent() { at }: MailingEvent): Date {
    return at;
  }

  @ResolveField()
  by(@Parent() { byUserId }: MailingEvent): { id: string } | null {
    return referenceTo('User', byUserId);
  }

  @ResolveField()
  counts(@Parent() event: MailingEvent): ResolversTypes['MailingCounts'] {
    return countsOf(event);
  }
}
