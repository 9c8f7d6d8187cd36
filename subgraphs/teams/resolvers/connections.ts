import { Resolver } from '@nestjs/graphql';
import { CountedResolver } from '../../../platform/graphql/counted.resolver.ts';

@Resolver('TeamConnection')
export class TeamConnectionResolver extends CountedResolver {}

@Resolver('InvitationConnection')
export class InvitationConnectionResolver extends CountedResolver {}

@Resolver('MembershipConnection')
export class MembershipConnectionResolver extends CountedResolver {}
