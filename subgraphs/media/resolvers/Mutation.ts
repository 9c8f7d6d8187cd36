import { Args, Context, Mutation, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { referenceTo, toGlobalId } from '../../../platform/graphql/global-id.ts';
import { orUserErrors } from '../../../platform/graphql/user-errors.ts';
import type {
  MutationAddMatchPhotosArgs,
  MutationCompleteUploadArgs,
  MutationCreateUploadArgs,
  MutationDeleteMediaFileArgs,
  MutationRemoveMatchPhotoArgs,
  MutationSetAvatarArgs,
  MutationSetTeamLogoArgs,
  ResolversTypes,
} from '../generated/graphql.ts';
import { MediaService } from '../media.service.ts';
import { UsesService } from '../uses.service.ts';

@Resolver()
export class MutationResolver {
  constructor(
    private readonly media: MediaService,
    private readonly uses: UsesService,
  ) {}

  @Mutation()
  createUpload(
    @Args() { input }: MutationCreateUploadArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['CreateUploadPayload']> {
    return orUserErrors(async () => {
      const { file, requests } = await this.media.createUpload(principal, input);
      return {
        file,
        requests: requests.map(({ headers, ...request }) => ({
          ...request,
          headers: Object.entries(headers).map(([name, value]) => ({ name, value })),
        })),
      };
    });
  }

  @Mutation()
  completeUpload(
    @Args() { input }: MutationCompleteUploadArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['CompleteUploadPayload']> {
    return orUserErrors(async () => ({ file: await this.media.completeUpload(principal, input) }));
  }

  @Mutation()
  deleteMediaFile(
    @Args() { input }: MutationDeleteMediaFileArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['DeleteMediaFilePayload']> {
    return orUserErrors(async () => ({ fileId: toGlobalId('MediaFile', await this.media.delete(principal, input)) }));
  }

  @Mutation()
  setAvatar(
    @Args() { input }: MutationSetAvatarArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['SetAvatarPayload']> {
    return orUserErrors(async () => ({ user: referenceTo('User', await this.uses.setAvatar(principal, input)) }));
  }

  @Mutation()
  setTeamLogo(
    @Args() { input }: MutationSetTeamLogoArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['SetTeamLogoPayload']> {
    return orUserErrors(async () => ({ team: referenceTo('Team', await this.uses.setLogo(principal, input)) }));
  }

  @Mutation()
  addMatchPhotos(
    @Args() { input }: MutationAddMatchPhotosArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['AddMatchPhotosPayload']> {
    return orUserErrors(async () => ({ match: referenceTo('Match', await this.uses.addPhotos(principal, input)) }));
  }

  @Mutation()
  removeMatchPhoto(
    @Args() { input }: MutationRemoveMatchPhotoArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['RemoveMatchPhotoPayload']> {
    return orUserErrors(async () => ({ match: referenceTo('Match', await this.uses.removePhoto(principal, input)) }));
  }
}
