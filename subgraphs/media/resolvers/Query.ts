import { Args, Context, Query, Resolver } from '@nestjs/graphql';
import type { GraphQLContext } from '../../../platform/graphql/context.ts';
import { find } from '../../../platform/graphql/entity.resolver.ts';
import { batched } from '../../../platform/graphql/loader.ts';
import type {
  QueryMediaFileArgs,
  QueryMyMediaFilesArgs,
  QueryNodeArgs,
  QueryNodesArgs,
  ResolversTypes,
} from '../generated/graphql.ts';
import { MB, QUOTA } from '../kinds.ts';
import { MediaService } from '../media.service.ts';
import { type Node, NodesService } from '../nodes.service.ts';

@Resolver()
export class QueryResolver {
  /** Asks each owner once for all fields of an operation. */
  private readonly loadNode = batched((ids, viewer) => this.nodesService.byIds(viewer, ids));

  constructor(
    private readonly media: MediaService,
    private readonly nodesService: NodesService,
  ) {}

  @Query()
  async node(@Args() { id }: QueryNodeArgs, @Context() context: GraphQLContext): Promise<Node | Error | null> {
    return (await this.load(context, [id]))[0] ?? null;
  }

  @Query()
  async nodes(@Args() { ids }: QueryNodesArgs, @Context() context: GraphQLContext): Promise<(Node | Error | null)[]> {
    return this.load(context, ids);
  }

  @Query()
  mediaFile(
    @Args() { id }: QueryMediaFileArgs,
    @Context() context: GraphQLContext,
  ): Promise<ResolversTypes['MediaFile'] | null> {
    return find(context, 'MediaFile', id, this.media.byId);
  }

  @Query()
  myMediaFiles(
    @Args() args: QueryMyMediaFilesArgs,
    @Context() { principal }: GraphQLContext,
  ): Promise<ResolversTypes['MediaFileConnection'] | null> {
    return this.media.page(principal, args);
  }

  @Query()
  async mediaQuota(@Context() { principal }: GraphQLContext): Promise<ResolversTypes['MediaQuota'] | null> {
    const stored = await this.media.quota(principal);
    return (
      stored && {
        files: stored.files,
        mostFiles: QUOTA.files,
        megabytes: Math.ceil(Number(stored.bytes) / MB),
        mostMegabytes: QUOTA.bytes / MB,
      }
    );
  }

  /** The object or the error of each id, so that one failed id does not fail the others. */
  private async load(context: GraphQLContext, ids: readonly string[]): Promise<(Node | Error | null)[]> {
    return Promise.all(
      this.nodesService.checkLimit(context, ids).map((id) => this.loadNode(context, id).catch((error: Error) => error)),
    );
  }
}
