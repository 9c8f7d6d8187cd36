import { type Principal, viewerOf } from '../../platform/identity/principal.ts';
import type { Prisma, Tournament } from './generated/prisma/client.ts';

const UUID = '[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}';
const KEY = new RegExp(`^tournaments:(${UUID}):(?:public|draft:(${UUID}))$`);

/** The listeners who may share a tournament's stream. */
export interface TournamentAudience {
  readonly tournamentId: string;
  /** The organizer who follows a draft. Undefined for the stream of a public tournament. */
  readonly organizerId: string | undefined;
}

/**
 * The key of the audience. All listeners of a public tournament share a stream. The key of a draft names the organizer,
 * so no other user shares that stream. The service checks that organizer's rights again at each event.
 */
export const audienceKeyOf = (viewer: Principal, { id, state }: Tournament): string =>
  `tournaments:${id}:${state === 'DRAFT' ? `draft:${String(viewer.userId)}` : 'public'}`;

/** The audience of a tournament's stream. Null for a user, a guest, and the audience of another subgraph's stream. */
export function audienceOf({ audience }: Principal): TournamentAudience | null {
  const [, tournamentId, organizerId] = (audience === undefined ? null : KEY.exec(audience)) ?? [];
  return tournamentId === undefined ? null : { tournamentId, organizerId };
}

/**
 * The id of the viewer, or of the organizer whose draft a stream follows. Undefined for a guest and for a public
 * stream.
 */
export function listenerOf(viewer: Principal): string | undefined {
  return viewer.audience === undefined ? viewerOf(viewer) : audienceOf(viewer)?.organizerId;
}

/** The ids of those of these tournaments that are drafts and that the viewer does not organize, and so must not see. */
export async function draftsHidden(
  prisma: Pick<Prisma.TransactionClient, 'organizer'>,
  viewer: Principal,
  tournaments: readonly Pick<Tournament, 'id' | 'state'>[],
): Promise<ReadonlySet<string>> {
  const drafts = new Set(tournaments.filter(({ state }) => state === 'DRAFT').map(({ id }) => id));
  const userId = drafts.size > 0 ? listenerOf(viewer) : undefined;
  if (userId === undefined) return drafts;
  const own = await prisma.organizer.findMany({ where: { userId, tournamentId: { in: [...drafts] } } });
  for (const { tournamentId } of own) drafts.delete(tournamentId);
  return drafts;
}
