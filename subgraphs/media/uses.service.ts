import { Inject, Injectable } from '@nestjs/common';
import { z } from 'zod';
import { fromGlobalId, fromGlobalIds } from '../../platform/graphql/global-id.ts';
import { parseInput } from '../../platform/graphql/input.ts';
import { batched } from '../../platform/graphql/loader.ts';
import type { RateLimits } from '../../platform/http/rate-limits.ts';
import { hasRole, type Principal, requireUser } from '../../platform/identity/principal.ts';
import { OUTBOX, QUESTIONS, RATE_LIMITS } from '../../platform/injection/tokens.ts';
import type { LimitsOf } from '../../platform/manifest/manifest.ts';
import type { Outbox } from '../../platform/messaging/outbox/outbox.ts';
import type { Questions } from '../../platform/questions/questions.ts';
import { MatchAsViewer } from '../../schema/questions/matches.ts';
import { TeamExists, ViewerIsMember, ViewerRole } from '../../schema/questions/teams.ts';
import { lockOwner } from './changes.ts';
import { type MediaFile, type Prisma, PrismaClient } from './generated/prisma/client.ts';
import type { KindName } from './kinds.ts';
import { type FileWithVariants, MediaService } from './media.service.ts';
import { userError } from './reasons.ts';
import type manifest from './subgraph.ts';

/** The types of objects that show files to everybody. */
export type SubjectType = 'User' | 'Team' | 'Match';

export const avatarInput = z.object({ fileId: z.string().nullish() });
export const logoInput = z.object({ teamId: z.string(), fileId: z.string().nullish() });
export const photosInput = z.object({ matchId: z.string(), fileIds: z.array(z.string()).min(1).max(10) });
export const photoInput = z.object({ matchId: z.string(), fileId: z.string() });

const MOST_PHOTOS = 100;

type Tx = Prisma.TransactionClient;

/**
 * Shows files as avatars, logos and photos of matches. Users set their own avatar, the team's role decides about its
 * logo, and the match decides about its photos.
 */
@Injectable()
export class UsesService {
  readonly ofUser = batched((ids) => this.filesOf('User', ids));
  readonly ofTeam = batched((ids) => this.filesOf('Team', ids));
  readonly ofMatch = batched((ids) => this.filesOf('Match', ids));

  constructor(
    private readonly prisma: PrismaClient,
    private readonly media: MediaService,
    @Inject(OUTBOX) private readonly outbox: Outbox,
    @Inject(QUESTIONS) private readonly questions: Questions,
    @Inject(RATE_LIMITS) private readonly limits: RateLimits<LimitsOf<typeof manifest>>,
  ) {}

  /**
   * The READY files that these users, teams or matches show, in the order in which they were added. Everybody may read
   * them.
   */
  async filesOf(subjectType: SubjectType, ids: readonly string[]): Promise<Map<string, readonly FileWithVariants[]>> {
    const uses = await this.prisma.fileUse.findMany({
      where: { subjectType, subjectId: { in: [...ids] }, file: { state: 'READY' } },
      include: { file: { include: { variants: true } } },
      orderBy: [{ addedAt: 'asc' }, { fileId: 'asc' }],
      take: ids.length * MOST_PHOTOS,
    });
    return new Map(
      [...Map.groupBy(uses, ({ subjectId }) => subjectId)].map(([id, of]) => [id, of.map(({ file }) => file)]),
    );
  }

  /** Sets, replaces or removes the viewer's picture. @returns the viewer's id. @throws UserErrors, RATE_LIMITED */
  async setAvatar(viewer: Principal, input: unknown): Promise<string> {
    const { userId } = requireUser(viewer);
    const { fileId } = parseInput(avatarInput, input);
    await this.limits.take('changeMedia', userId, viewer.clientAddress);
    await this.#replace(userId, 'User', userId, 'AVATAR', fileId ?? null);
    return userId;
  }

  /**
   * Sets, replaces or removes the logo of a team. @returns the team's id. @throws UserErrors, RATE_LIMITED; NoAnswer
   * when the subgraph teams does not answer
   */
  async setLogo(viewer: Principal, input: unknown): Promise<string> {
    const { userId } = requireUser(viewer);
    const { teamId: globalId, fileId } = parseInput(logoInput, input);
    await this.limits.take('changeMedia', userId, viewer.clientAddress);
    const teamId = fromGlobalId('Team', globalId);
    if (teamId === null || !(await this.questions.ask(TeamExists, globalId, viewer)))
      throw userError('TEAM_NOT_FOUND', 'teamId');
    const role = hasRole(viewer, 'admin') ? 'OWNER' : await this.questions.ask(ViewerRole, globalId, viewer);
    if (role !== 'OWNER' && role !== 'CAPTAIN') throw userError('MAY_NOT_SET_LOGO', 'teamId');
    await this.#replace(userId, 'Team', teamId, 'TEAM_LOGO', fileId ?? null);
    return teamId;
  }

  /** Adds photos to a match. @returns the match's id. @throws UserErrors, RATE_LIMITED; NoAnswer */
  async addPhotos(viewer: Principal, input: unknown): Promise<string> {
    const { userId } = requireUser(viewer);
    const { matchId: globalId, fileIds } = parseInput(photosInput, input);
    await this.limits.take('changeMedia', userId, viewer.clientAddress);
    const { matchId, isOfficial, teamIds } = await this.#match(viewer, globalId);
    if (!isOfficial) {
      const memberships = await Promise.all(teamIds.map((id) => this.questions.ask(ViewerIsMember, id, viewer)));
      if (!memberships.includes(true)) throw userError('MAY_NOT_CHANGE_PHOTOS', 'matchId');
    }
    const ids = [...new Set(fromGlobalIds('MediaFile', fileIds))];
    await this.outbox.transaction(this.prisma, async (tx) => {
      await lockSubject(tx, 'Match', matchId);
      await lockOwner(tx, userId);
      const files = await tx.mediaFile.findMany({ where: { id: { in: ids } } });
      if (files.length < new Set(fileIds).size) throw userError('FILE_NOT_FOUND', 'fileIds');
      for (const file of files) usable(file, userId, 'MATCH_PHOTO', 'fileIds');
      const there = await tx.fileUse.count({
        where: { subjectType: 'Match', subjectId: matchId, fileId: { notIn: ids } },
      });
      if (there + ids.length > MOST_PHOTOS) throw userError('TOO_MANY_PHOTOS', { max: MOST_PHOTOS }, 'matchId');
      await tx.fileUse.createMany({
        data: ids.map((fileId) => ({ subjectType: 'Match', subjectId: matchId, fileId })),
        skipDuplicates: true,
      });
    });
    return matchId;
  }

  /** Removes a photo from a match. @returns the match's id. @throws UserErrors, RATE_LIMITED; NoAnswer */
  async removePhoto(viewer: Principal, input: unknown): Promise<string> {
    const { userId } = requireUser(viewer);
    const { matchId: globalId, fileId: globalFileId } = parseInput(photoInput, input);
    await this.limits.take('changeMedia', userId, viewer.clientAddress);
    const { matchId, isOfficial } = await this.#match(viewer, globalId);
    const fileId = fromGlobalId('MediaFile', globalFileId);
    const use =
      fileId === null
        ? null
        : await this.prisma.fileUse.findUnique({
            where: { subjectType_subjectId_fileId: { subjectType: 'Match', subjectId: matchId, fileId } },
            include: { file: true },
          });
    if (!use) return matchId; // A repeat, or a photo that the match never had.
    if (!isOfficial && use.file.ownerId !== userId) throw userError('MAY_NOT_CHANGE_PHOTOS', 'matchId');
    await this.prisma.fileUse.deleteMany({ where: { subjectType: 'Match', subjectId: matchId, fileId: use.fileId } });
    return matchId;
  }

  /**
   * Makes the file the only one that the subject shows. Deletes the files that it showed before, unless another subject
   * shows them too.
   */
  async #replace(
    userId: string,
    subjectType: SubjectType,
    subjectId: string,
    kind: KindName,
    globalId: string | null,
  ): Promise<void> {
    const fileId = globalId === null ? null : fromGlobalId('MediaFile', globalId);
    if (globalId !== null && fileId === null) throw userError('FILE_NOT_FOUND', 'fileId');
    await this.outbox.transaction(this.prisma, async (tx, emit) => {
      await lockSubject(tx, subjectType, subjectId);
      const before = await tx.fileUse.findMany({ where: { subjectType, subjectId }, include: { file: true } });
      const owners = new Set([userId, ...before.map(({ file }) => file.ownerId)]);
      // In the order of ids, so that two transactions cannot deadlock.
      for (const owner of [...owners].sort()) await lockOwner(tx, owner);
      if (fileId !== null) {
        usable(await tx.mediaFile.findUnique({ where: { id: fileId } }), userId, kind, 'fileId');
        await tx.fileUse.createMany({ data: [{ subjectType, subjectId, fileId }], skipDuplicates: true });
      }
      for (const { fileId: earlier } of before)
        if (earlier !== fileId) await this.#dropUse(tx, emit, subjectId, earlier);
    });
  }

  /** Removes the use of a file, and deletes the file if nothing shows it any more. Two teams may show the same logo. */
  async #dropUse(
    tx: Tx,
    emit: Parameters<MediaService['remove']>[1],
    subjectId: string,
    fileId: string,
  ): Promise<void> {
    await tx.fileUse.deleteMany({ where: { subjectId, fileId } });
    if ((await tx.fileUse.count({ where: { fileId } })) === 0) await this.media.remove(tx, emit, fileId);
  }

  async #match(
    viewer: Principal,
    globalId: string,
  ): Promise<{ matchId: string; isOfficial: boolean; teamIds: readonly string[] }> {
    const matchId = fromGlobalId('Match', globalId);
    const match = matchId === null ? null : await this.questions.ask(MatchAsViewer, globalId, viewer);
    if (matchId === null || match === null) throw userError('MATCH_NOT_FOUND', 'matchId');
    return { matchId, isOfficial: match.isOfficial, teamIds: [match.homeTeamId, match.awayTeamId] };
  }
}

/** Checks that a person may use a file. @throws UserErrors unless the file is the person's, ready, and of this kind */
function usable(file: MediaFile | null, userId: string, kind: KindName, field: string): void {
  if (file?.ownerId !== userId) throw userError('FILE_NOT_FOUND', field);
  if (file.kind !== kind) throw userError('OTHER_KIND', field);
  if (file.state !== 'READY') throw userError('FILE_NOT_READY', field);
}

/**
 * Makes transactions that change what the same subject shows wait for each other. The lock is on the subject's name.
 */
async function lockSubject(tx: Tx, type: SubjectType, id: string): Promise<void> {
  await tx.$executeRaw`SELECT pg_advisory_xact_lock(hashtextextended(${`media ${type} ${id}`}, 0))`;
}
