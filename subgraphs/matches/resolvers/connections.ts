import { Resolver } from '@nestjs/graphql';
import { CountedResolver } from '../../../platform/graphql/counted.resolver.ts';

@Resolver('MatchConnection')
export class MatchConnectionResolver extends CountedResolver {}
