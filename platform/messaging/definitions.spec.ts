import assert from 'node:assert/strict';
import { describe, it } from '@jest/globals';
import { z } from 'zod';
import * as all from '../../schema/messages/index.ts';
import * as teams from '../../schema/messages/teams.ts';
import { WelcomeEmail } from '../../schema/messages/notifications.ts';
import {
  defineEvent,
  defineJob,
  defineQueue,
  defineTopic,
  from,
  messagesIn,
  NewerVersion,
  UnreadableMessage,
} from './definitions.ts';
import type { Emit } from './outbox/outbox.ts';

const Things = defineTopic({ name: 'things.v1', partitions: 2, retentionHours: 24, cleanup: 'delete' });
const Parcels = defineQueue({ name: 'parcels', maxDeliveries: 3, retryDelayMs: 100 });
const second = {
  topic: Things,
  type: 'ThingMade',
  version: 2,
  key: 'id',
  payload: z.object({ id: z.string(), size: z.int() }),
} as const;
const ThingMade = defineEvent({
  ...second,
  upcast: { 1: from(z.object({ id: z.string(), big: z.boolean() }), ({ id, big }) => ({ id, size: big ? 2 : 1 })) },
});

/** Never called. `npm run check` compiles it, and an unused `@ts-expect-error` is a compile error. */
export function whatDoesNotCompile(emit: Emit): void {
  const { TeamCreated } = teams;
  const payload = { teamId: 't', name: 'Foxes', sport: 'HOCKEY', city: null };
  const because = emit(TeamCreated, { seq: 1, payload });
  emit(WelcomeEmail, { because, payload: { userId: 'u' } });
  // @ts-expect-error a misspelt type
  // oxlint-disable-next-line import/namespace
  emit(teams.TeamCreatd, { seq: 1, payload });
  // @ts-expect-error a type written by hand
  emit({ topic: teams.Teams, type: 'TeamCreated', version: 1, payload: z.object({}) }, { seq: 1, payload });
  // @ts-expect-error a missing field
  emit(TeamCreated, { seq: 1, payload: { teamId: 't', name: 'Foxes', sport: 'HOCKEY' } });
  // @ts-expect-error a field of the wrong type
  emit(TeamCreated, { seq: 1, payload: { ...payload, city: 7 } });
  // @ts-expect-error an unknown value
  emit(teams.MemberLeftTeam, { seq: 1, payload: { teamId: 't', userId: 'u', role: 'GUEST' } });
  // @ts-expect-error an unknown field
  emit(TeamCreated, { seq: 1, payload: { teamId: 't', name: 'Foxes', sport: 'HOCKEY', city: null, country: 'LV' } });
  // @ts-expect-error a version: it belongs to the definition
  emit(TeamCreated, { seq: 1, version: 2, payload });
  // @ts-expect-error a key: it is a field of the payload
  emit(TeamCreated, { seq: 1, key: 't', payload });
  // @ts-expect-error no seq
  emit(TeamCreated, { payload });
  // @ts-expect-error the payload of another message
  emit(WelcomeEmail, { because, payload });
  // @ts-expect-error a job without an event
  emit(WelcomeEmail, { payload: { userId: 'u' } });
  // @ts-expect-error a key that is not a field of the payload
  defineEvent({ ...second, version: 1, key: 'name' });
  // @ts-expect-error a key that is not a string
  defineEvent({ ...second, version: 1, key: 'size' });
  // @ts-expect-error an upcast to another type
  defineEvent({ ...second, upcast: { 1: from(z.object({ id: z.string() }), ({ id }) => ({ id, size: 'large' })) } });
  // @ts-expect-error a payload that its schema transforms
  defineEvent({ ...second, version: 1, payload: z.object({ id: z.string(), at: z.coerce.date() }) });
  // @ts-expect-error a payload that is not JSON
  defineEvent({ ...second, version: 1, payload: z.object({ id: z.string(), at: z.date() }) });
  // @ts-expect-error a topic without a cleanup policy
  defineTopic({ name: 'x', partitions: 1, retentionHours: null });
}

describe('definitions of messages', () => {
  it('hold each topic and queue with the names and settings that installations have', () => {
    assert.deepEqual(
      all.topics.toSorted((a, b) => a.name.localeCompare(b.name)),
      [
        { name: 'ai.v1', partitions: 8, retentionHours: 24, cleanup: 'delete' },
        { name: 'chat-missed.v1', partitions: 8, retentionHours: 2160, cleanup: 'delete' },
        { name: 'chat.v1', partitions: 8, retentionHours: 2160, cleanup: 'delete' },
        { name: 'mailings.v1', partitions: 8, retentionHours: 24, cleanup: 'delete' },
        { name: 'matches.v1', partitions: 8, retentionHours: null, cleanup: 'delete' },
        { name: 'media.v1', partitions: 8, retentionHours: 720, cleanup: 'delete' },
        { name: 'notifications.v1', partitions: 8, retentionHours: 24, cleanup: 'delete' },
        { name: 'reports.v1', partitions: 8, retentionHours: 24, cleanup: 'delete' },
        { name: 'teams.v1', partitions: 8, retentionHours: 720, cleanup: 'delete' },
        { name: 'tournaments.v1', partitions: 8, retentionHours: 720, cleanup: 'delete' },
        { name: 'users.v1', partitions: 8, retentionHours: 720, cleanup: 'delete' },
      ],
    );
    assert.deepEqual(
      all.queues.toSorted((a, b) => a.name.localeCompare(b.name)),
      [
        { name: 'computations', maxDeliveries: 5, retryDelayMs: 1000 },
        { name: 'email-sender', maxDeliveries: 8, retryDelayMs: 1000 },
        { name: 'mass-mailing', maxDeliveries: 12, retryDelayMs: 1000 },
        { name: 'match-computations', maxDeliveries: 5, retryDelayMs: 1000 },
        { name: 'media-processor', maxDeliveries: 6, retryDelayMs: 2000 },
        { name: 'notification-computations', maxDeliveries: 5, retryDelayMs: 1000 },
        { name: 'push-sender', maxDeliveries: 8, retryDelayMs: 2000 },
        { name: 'report-generator', maxDeliveries: 6, retryDelayMs: 2000 },
      ],
    );
    assert.deepEqual(all.events.map(({ topic, type, version }) => `${topic.name} ${type} ${version}`).sort(), [
      'ai.v1 GenerationEventRecorded 1',
      'chat-missed.v1 ChatCaughtUp 1',
      'chat-missed.v1 ChatMissed 1',
      'chat.v1 RoomEventRecorded 1',
      'mailings.v1 MailingEventRecorded 1',
      'matches.v1 MatchEventRecorded 2',
      'matches.v1 MatchSnapshot 2',
      'media.v1 MediaFileChanged 1',
      'notifications.v1 NotificationEventRecorded 1',
      'reports.v1 ReportChanged 1',
      'teams.v1 InvitationClosed 1',
      'teams.v1 InvitationSent 1',
      'teams.v1 JoinRequestClosed 1',
      'teams.v1 JoinRequested 1',
      'teams.v1 MemberJoinedTeam 1',
      'teams.v1 MemberLeftTeam 1',
      'teams.v1 MemberRoleChanged 1',
      'teams.v1 TeamCreated 1',
      'teams.v1 TeamDisbanded 1',
      'teams.v1 TeamSnapshot 1',
      'tournaments.v1 BracketCorrected 1',
      'tournaments.v1 DrawSeedCommitted 1',
      'tournaments.v1 EntryChanged 1',
      'tournaments.v1 MatchForfeited 1',
      'tournaments.v1 MatchPlanned 1',
      'tournaments.v1 MatchReplanned 1',
      'tournaments.v1 MatchUnplanned 1',
      'tournaments.v1 OrganizersChanged 1',
      'tournaments.v1 ScheduleRunChanged 1',
      'tournaments.v1 StageChanged 1',
      'tournaments.v1 TeamInvitedToTournament 1',
      'tournaments.v1 TournamentCancelled 1',
      'tournaments.v1 TournamentChanged 1',
      'tournaments.v1 TournamentCompleted 1',
      'tournaments.v1 TournamentCreated 1',
      'tournaments.v1 TournamentDeleted 1',
      'tournaments.v1 TournamentDrawn 1',
      'tournaments.v1 TournamentPublished 1',
      'tournaments.v1 TournamentSnapshot 1',
      'users.v1 UserProfileUpdated 1',
      'users.v1 UserRegistered 1',
      'users.v1 UserSnapshot 1',
    ]);
    assert.deepEqual(all.jobs.map(({ queue, kind, version }) => `${queue.name} ${kind} ${version}`).sort(), [
      'computations RebuildTournaments 1',
      'computations ScheduleComputation 1',
      'email-sender NotificationsEmail 1',
      'email-sender VerificationEmail 1',
      'email-sender WelcomeEmail 2',
      'mass-mailing MailingStep 1',
      'match-computations RebuildMatches 1',
      'media-processor ProcessMedia 1',
      'notification-computations RebuildNotifications 1',
      'push-sender NotificationsPush 1',
      'report-generator ReportRequested 1',
    ]);
  });

  it('read their own version and older ones, hold back newer ones, and refuse the rest without showing the value', () => {
    assert.deepEqual(ThingMade.read(2, { id: 'a', size: 7 }, 'here'), { id: 'a', size: 7 });
    assert.deepEqual(ThingMade.read(1, { id: 'a', big: true }, 'here'), { id: 'a', size: 2 });
    assert.throws(
      () => ThingMade.read(3, { id: 'a' }, 'here'),
      (error) =>
        error instanceof NewerVersion &&
        error.message === 'NEWER_VERSION: here is ThingMade version 3; version 2 can be read',
    );
    for (const [version, payload] of [
      [2, { id: 'secret' }],
      [1, { id: 'secret', big: 'secret' }],
      [1, null],
      [0, { id: 'secret', size: 1 }],
      [1.5, {}],
    ] as const) {
      assert.throws(
        () => ThingMade.read(version, payload, 'here'),
        (error) =>
          error instanceof UnreadableMessage &&
          error.permanent &&
          !error.message.includes('secret') &&
          error.message.startsWith('here'),
      );
    }
  });

  it('are refused when they contradict themselves or each other', () => {
    assert.throws(() => defineEvent(second), /ThingMade version 2 needs an upcast from each version before it/);
    const up = from(z.object({ id: z.string() }), ({ id }) => ({ id, size: 1 }));
    assert.throws(() => defineEvent({ ...second, version: 1, upcast: { 1: up } }), /needs an upcast/);
    assert.throws(() => defineEvent({ ...second, version: 3, upcast: { 1: up, 3: up } }), /needs an upcast/);
    for (const version of [0, 1.5]) assert.throws(() => defineEvent({ ...second, version }), /needs an upcast/);
    assert.throws(() => defineTopic({ ...Things, cleanup: 'compact', retentionHours: null }), /compacted/);
    assert.throws(() => defineTopic({ ...Things, partitions: 0 }), /partitions/);
    assert.throws(() => defineTopic({ ...Things, retentionHours: 0.5 }), /retentionHours/);
    assert.throws(() => defineTopic({ ...Things, name: 'Things' }), /name/);
    const job = { queue: Parcels, kind: 'Parcel', reachesPeople: false, version: 1, payload: z.object({}) };
    const Parcel = defineJob(job);
    assert.deepEqual(
      messagesIn([
        { Things, ThingMade, again: ThingMade, text: 'x' },
        { Parcels, Parcel },
      ]),
      { topics: [Things], queues: [Parcels], events: [ThingMade], jobs: [Parcel] },
    );
    assert.throws(
      () => messagesIn([{ Parcels, Parcel }, { other: defineJob(job) }]),
      /two definitions of job parcels Parcel/,
    );
    assert.throws(
      () => messagesIn([{ Things }, { other: defineTopic({ ...Things, partitions: 3 }) }]),
      /two definitions of topic things.v1/,
    );
    assert.throws(() => messagesIn([{ ThingMade }]), /not exported/);
    assert.throws(() => messagesIn([{ Parcel }]), /not exported/);
  });
});
