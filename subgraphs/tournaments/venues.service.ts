import { Inject, Injectable } from '@nestjs/common';
import { fromGlobalId, toGlobalId } from '../../platform/graphql/global-id.ts';
import { parseInput } from '../../platform/graphql/input.ts';
import { batched, keyed } from '../../platform/graphql/loader.ts';
import { type Principal, requireUser } from '../../platform/identity/principal.ts';
import { OUTBOX } from '../../platform/injection/tokens.ts';
import type { Outbox } from '../../platform/messaging/outbox/outbox.ts';
import { digestOf } from '../../platform/postgres/digest.ts';
import { draftsHidden } from './drafts.ts';
import { type Pitch, PrismaClient, type Venue } from './generated/prisma/client.ts';
import { userError } from './reasons.ts';
import { lockAsOrganizer, requireNotOver } from './record.ts';
import { LIMITS } from './schedule/input.ts';
import { removeVenueInput, venueInput } from './schedule-inputs.ts';

const MAX_VENUES = 50;

/** Adds, removes and reads the venues of a tournament, and their pitches with opening hours. */
@Injectable()
export class VenuesService {
  readonly byId = batched((ids, viewer) => this.byIds(viewer, ids));
  readonly pitchById = batched((ids, viewer) => this.pitchesByIds(viewer, ids));
  readonly ofTournament = batched((tournamentIds) =>
    this.prisma.venue
      .findMany({ where: { tournamentId: { in: [...tournamentIds] } }, orderBy: { id: 'asc' } })
      .then((rows): Map<string, Venue[]> => Map.groupBy(rows, ({ tournamentId }) => tournamentId)),
  );
  readonly pitchesOf = batched((venueIds) =>
    this.prisma.pitch
      .findMany({ where: { venueId: { in: [...venueIds] } }, orderBy: { id: 'asc' } })
      .then((rows): Map<string, Pitch[]> => Map.groupBy(rows, ({ venueId }) => venueId)),
  );

  constructor(
    private readonly prisma: PrismaClient,
    @Inject(OUTBOX) private readonly outbox: Outbox,
  ) {}

  /** Reads venues. Everybody may read them; if the tournament is a draft, only its organizers. */
  async byIds(viewer: Principal, ids: readonly string[]): Promise<Map<string, Venue>> {
    const rows = await this.prisma.venue.findMany({ where: { id: { in: [...ids] } }, include: WITH_TOURNAMENT });
    const hidden = await draftsHidden(
      this.prisma,
      viewer,
      rows.map(({ tournament }) => tournament),
    );
    return keyed(rows.filter(({ tournamentId }) => !hidden.has(tournamentId)));
  }

  /** Reads pitches. Everybody may read them; if the tournament is a draft, only its organizers. */
  async pitchesByIds(viewer: Principal, ids: readonly string[]): Promise<Map<string, Pitch>> {
    const rows = await this.prisma.pitch.findMany({ where: { id: { in: [...ids] } } });
    const venues = await this.byIds(
      viewer,
      rows.map(({ venueId }) => venueId),
    );
    return keyed(rows.filter(({ venueId }) => venues.has(venueId)));
  }

  /**
   * Adds a venue. Organizers and administrators may do this; only organizers may change a draft. The same client id
   * again gives the same venue.
   * @throws UserErrors
   */
  async add(viewer: Principal, input: unknown): Promise<Venue> {
    requireUser(viewer);
    const { tournamentId: globalId, clientId, pitches, ...asked } = parseInput(venueInput, input);
    const createdAs = digestOf([asked.name, asked.address ?? null, asked.timeZone ?? null, pitches]);
    return this.outbox.transaction(this.prisma, async (tx) => {
      const tournament = await lockAsOrganizer(tx, viewer, globalId);
      const { id: tournamentId } = tournament;
      const made = await tx.venue.findUnique({ where: { tournamentId_clientId: { tournamentId, clientId } } });
      if (made && made.createdAs !== createdAs) throw userError('CLIENT_ID_USED', 'clientId');
      if (made) return made;
      requireNotOver(tournament);
      if ((await tx.venue.count({ where: { tournamentId } })) >= MAX_VENUES)
        throw userError('TOO_MANY', { max: MAX_VENUES }, 'tournamentId');
      const others = await tx.pitch.count({ where: { venue: { tournamentId } } });
      if (others + pitches.length > LIMITS.pitches)
        throw userError('TOO_MANY', { max: LIMITS.pitches - others }, 'pitches');
      return tx.venue.create({
        data: {
          tournamentId,
          clientId,
          createdAs,
          name: asked.name,
          address: asked.address ?? null,
          timeZone: asked.timeZone ?? null,
          pitches: { create: pitches },
        },
      });
    });
  }

  /**
   * Removes a venue, if no slot has a pitch of it. Organizers and administrators may do this; only organizers may
   * change a draft.
   * @returns the venue's global id @throws UserErrors
   */
  async remove(viewer: Principal, input: unknown): Promise<string> {
    requireUser(viewer);
    const { venueId } = parseInput(removeVenueInput, input);
    const id = fromGlobalId('Venue', venueId);
    return this.outbox.transaction(this.prisma, async (tx) => {
      const venue = id ? await tx.venue.findUnique({ where: { id } }) : null;
      if (!venue) throw userError('VENUE_NOT_FOUND', 'venueId');
      const globalId = toGlobalId('Tournament', venue.tournamentId);
      requireNotOver(await lockAsOrganizer(tx, viewer, globalId, 'venueId'), 'venueId');
      if ((await tx.slot.count({ where: { ground: { venueId: venue.id } } })) > 0)
        throw userError('VENUE_IN_USE', 'venueId');
      await tx.venue.deleteMany({ where: { id: venue.id } });
      return venueId;
    });
  }
}

const WITH_TOURNAMENT = { tournament: { select: { id: true, state: true } } } as const;
