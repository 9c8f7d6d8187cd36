import { Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { EntityResolver } from '../../../platform/graphql/entity.resolver.ts';
import { referenceTo, toGlobalId } from '../../../platform/graphql/global-id.ts';
import type { ResolversTypes } from '../generated/graphql.ts';
import type { Mailing, MailingEvent } from '../generated/prisma/client.ts';
import { ENTRIES, ENTRY_STATES, type Entries } from '../mailings/mailing.ts';
import { MailingsService, type NotSent } from '../mailings/mailings.service.ts';
import { countsOf } from './MailingEvent.ts';

@Resolver('Mailing')
export class MailingResolver extends EntityResolver<Mailing> {
  constructor(private readonly mailings: MailingsService) {
    super('Mailing', mailings.byId);
  }

  @ResolveField()
  about(@Parent() { subjectType, subjectId }: Mailing): { __typename: string; id: string } {
    return { __typename: subjectType, id: toGlobalId(subjectType, subjectId) };
  }

  @ResolveField()
  entries(@Parent() { entryStates }: Mailing): Entries[] {
    return ENTRIES.filter((entries) => ENTRY_STATES[entries].every((state) => entryStates.includes(state)));
  }

  @ResolveField()
  subject(@Parent() { title }: Mailing): string {
    return title;
  }

  @ResolveField()
  author(@Parent() { authorId }: Mailing): { id: string } {
    return referenceTo('User', authorId);
  }

  @ResolveField()
  counts(@Parent() mailing: Mailing): ResolversTypes['MailingCounts'] {
    return countsOf(mailing);
  }

  @ResolveField()
  async notSent(@Parent() { id }: Mailing, @Context() context: GraphQLContext): Promise<readonly NotSent[]> {
    return (await this.mailings.notSentOf(context, id)) ?? [];
  }

  @ResolveField()
  async log(@Parent() { id }: Mailing, @Context() context: GraphQLContext): Promise<readonly MailingEvent[]> {
    return (await this.mailings.logOf(context, id)) ?? [];
  }

  @ResolveField()
  seq(@Parent() { lastSeq }: Mailing): number {
    return lastSeq;
  }
}
