import { Inject } from '@nestjs/common';
import { Args, Parent, ResolveField, Resolver } from '@nestjs/graphql';
import { EntityResolver } from '../../../platform/graphql/entity.resolver.ts';
import { DELIVERY } from '../../../platform/injection/tokens.ts';
import type { Delivery } from '../../../platform/storage/delivery.ts';
import type { MediaFilePublicUrlArgs, MediaFileUrlArgs } from '../generated/graphql.ts';
import { type FileWithVariants, MediaService } from '../media.service.ts';

@Resolver('MediaFile')
export class MediaFileResolver extends EntityResolver<FileWithVariants> {
  constructor(
    media: MediaService,
    @Inject(DELIVERY) private readonly delivery: Delivery,
  ) {
    super('MediaFile', media.byId);
  }

  @ResolveField()
  async url(@Parent() file: FileWithVariants, @Args() args: MediaFileUrlArgs): Promise<string | null> {
    return this.#linkTo(pictureOf(file, args));
  }

  @ResolveField()
  async videoUrl(@Parent() { variants }: FileWithVariants): Promise<string | null> {
    return this.#linkTo(variants.find(({ size }) => size === 'VIDEO')?.key);
  }

  @ResolveField()
  publicUrl(@Parent() file: FileWithVariants, @Args() args: MediaFilePublicUrlArgs): string | null {
    const key = pictureOf(file, args);
    return key === undefined ? null : this.delivery.publicUrl(key);
  }

  async #linkTo(key: string | undefined): Promise<string | null> {
    return key === undefined ? null : this.delivery.url(key);
  }
}

const pictureOf = ({ variants }: FileWithVariants, { size, format }: MediaFileUrlArgs): string | undefined =>
  variants.find(
    (variant) => variant.size === (size ?? 'LARGE') && variant.extension === (format ?? 'WEBP').toLowerCase(),
  )?.key;
