import { Context, ResolveField, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { requireUser } from '../../../platform/identity/principal.ts';
import { EmailsService } from '../emails/emails.service.ts';
import type { ResolversTypes } from '../generated/graphql.ts';

@Resolver('NotificationPreferences')
export class NotificationPreferencesResolver {
  constructor(private readonly emails: EmailsService) {}

  @ResolveField()
  async emailState(@Context() { principal }: GraphQLContext): Promise<ResolversTypes['EmailState']> {
    return (await this.emails.unreachable(requireUser(principal).userId)) ?? 'VERIFIED';
  }
}
