import { Context, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { toGlobalId } from '../../../platform/graphql/global-id.ts';
import type { MediaEvent } from '../generated/prisma/client.ts';
import { type FileWithVariants, MediaService } from '../media.service.ts';

@Resolver('MediaEvent')
export class MediaEventResolver {
  constructor(private readonly media: MediaService) {}

  @ResolveField()
  createdAt(@Parent() { at }: MediaEvent): Date {
    return at;
  }

  @ResolveField()
  fileId(@Parent() { fileId }: MediaEvent): string {
    return toGlobalId('MediaFile', fileId);
  }

  @ResolveField()
  file(@Parent() { fileId }: MediaEvent, @Context() context: GraphQLContext): Promise<FileWithVariants | null> {
    return this.media.byId(context, fileId);
  }
}
