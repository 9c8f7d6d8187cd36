import { Parent, ResolveField } from '@nestjs/graphql';
import type { Counted } from './connection.ts';

/** Of connections with `totalCount`, which is counted only when somebody asks for it. */
export class CountedResolver {
  @ResolveField()
  totalCount(@Parent() { count }: Counted<unknown>): Promise<number | null> {
    return count();
  }
}
