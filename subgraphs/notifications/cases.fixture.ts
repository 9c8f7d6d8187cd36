import assert from 'node:assert/strict';
import { createECDH, randomBytes, randomUUID } from 'node:crypto';
import type { Cases } from '../../test/cases.ts';
import type { Person } from '../../test/network.ts';
import { until } from '../../test/network/until.ts';

/** Creates an object by a mutation. @returns the id of the object in the payload's `field` */
async function made(who: Person, mutation: string, field: string, input: object): Promise<string> {
  const type = `${mutation.charAt(0).toUpperCase()}${mutation.slice(1)}Input`;
  const { data, errors } = await who.execute<Record<string, Record<string, { id: string } | null>>>(
    `mutation ($input: ${type}!) { ${mutation}(input: $input) { ${field} { id } userErrors { message } } }`,
    { input },
  );
  return data?.[mutation]?.[field]?.id ?? assert.fail(JSON.stringify({ data, errors }));
}

const sport = 'FOOTBALL';

const tournament = (owner: Person): Promise<string> => {
  const startsAt = '2030-06-01T08:00:00.000Z';
  const cup = { clientId: randomUUID(), name: 'Yard Cup', sport, timeZone: 'UTC', startsAt };
  return made(owner, 'createTournament', 'tournament', cup);
};

const mailing = (about: string, more: object = {}) => ({
  clientId: randomUUID(),
  about,
  subject: 'Shirts',
  text: 'Bring both.',
  ...more,
});

/** Makes inputs of mailings with a given subject. All are about one tournament, which the first call creates. */
function inMailing(mutation: 'createMailing' | 'previewMailing', type: string) {
  let about: Promise<string> | undefined;
  return async (subject: string, owner: Person): Promise<readonly [string, string, object]> => {
    about ??= tournament(owner);
    const { clientId, ...content } = mailing(await about, { subject });
    return [mutation, type, mutation === 'createMailing' ? { clientId, ...content } : content];
  };
}

/** Enters two teams of the person in a tournament. @returns the ids of the notifications that follow, newest first */
async function notified(owner: Person): Promise<string[]> {
  const tournamentId = await tournament(owner);
  await made(owner, 'publishTournament', 'tournament', { tournamentId });
  for (const name of ['Foxes', 'Wolves']) {
    const teamId = await made(owner, 'createTeam', 'team', { clientId: randomUUID(), name, sport });
    await made(owner, 'enterTournament', 'entry', { tournamentId, teamId });
  }
  return until('both entries are notified', async () => {
    const { data } = await owner.execute<{ notifications: { edges: { node: { id: string; kind: string } }[] } }>(
      '{ notifications { edges { node { id kind } } } }',
    );
    // Other cases of the same person can cause other notifications.
    const ids = (data?.notifications.edges ?? []).flatMap(({ node }) =>
      node.kind === 'ENTRY_ACCEPTED' ? [node.id] : [],
    );
    return ids.length >= 2 && ids;
  });
}

/** A valid push subscription with random keys. */
const subscription = () => ({
  endpoint: `https://fcm.googleapis.com/fcm/send/${randomUUID()}`,
  p256dh: createECDH('prime256v1').generateKeys().toString('base64url'),
  auth: randomBytes(16).toString('base64url'),
});

/** Asks for reports of a new tournament. @returns their ids */
async function reported(owner: Person, count = 1): Promise<string[]> {
  const subjectId = await tournament(owner);
  const ids = [];
  for (let index = 0; index < count; index++)
    ids.push(
      await made(owner, 'requestReport', 'report', {
        clientId: randomUUID(),
        kind: 'TOURNAMENT',
        subjectId,
        format: index % 2 === 0 ? 'PDF' : 'CSV',
      }),
    );
  return ids;
}

export const cases: Cases = {
  borders: {
    guest: '{ __typename }',
    viewer: [
      'mutation { markNotificationsRead(input: { ids: ["x"] }) { unreadNotificationCount } }',
      'mutation { setNotificationPreferences(input: { digest: true }) { preferences { digest } } }',
      'mutation { requestEmailVerification(input: {}) { emailState } }',
      'mutation { registerDevice(input: { clientId: "x", fcmToken: "y" }) { device { id } } }',
      'mutation { unregisterDevice(input: { deviceId: "x" }) { deviceId } }',
      '{ myDevices { id } }',
      '{ unreadNotificationCount }',
      'mutation { previewMailing(input: { about: "x", subject: "x", text: "x" }) { preview { text } } }',
      'mutation { createMailing(input: { clientId: "x", about: "x", subject: "x", text: "x" }) { mailing { id } } }',
      ...['start', 'pause', 'resume', 'cancel'].map(
        (verb) => `mutation { ${verb}Mailing(input: { mailingId: "x" }) { mailing { id } } }`,
      ),
      '{ myMailings { totalCount } }',
      'mutation { requestReport(input: { clientId: "a", kind: MATCH, subjectId: "x", format: PDF }) { report { id } } }',
      'mutation { cancelReport(input: { reportId: "x" }) { report { id } } }',
      '{ myReports { seq } }',
    ],
  },
  nodes: async (owner) => ({
    Notification: { id: (await notified(owner))[0] ?? '', field: 'kind', says: 'ENTRY_ACCEPTED', seenBy: 'maker' },
    Mailing: {
      id: await made(owner, 'createMailing', 'mailing', mailing(await tournament(owner))),
      field: 'subject',
      says: 'Shirts',
      root: 'mailing',
      seenBy: 'maker',
    },
    Report: {
      id: (await reported(owner))[0] ?? '',
      field: 'kind',
      says: 'TOURNAMENT',
      root: 'report',
      seenBy: 'maker',
    },
    Device: {
      id: await made(owner, 'registerDevice', 'device', { clientId: randomUUID(), name: 'Mi', web: subscription() }),
      field: 'name',
      says: 'Mi',
      seenBy: 'maker',
    },
  }),
  async lists(owner) {
    await notified(owner);
    const about = await tournament(owner);
    for (const _ of [1, 2]) await made(owner, 'createMailing', 'mailing', mailing(about));
    await reported(owner, 2);
    return [
      ['Query.notifications', 'notifications(PAGE) { edges { cursor } }'],
      ['Query.myMailings', 'myMailings(PAGE) { edges { cursor } }'],
      ['Query.myReports', 'myReports(PAGE) { edges { cursor } }'],
    ];
  },
  names: {
    'CreateMailingInput.subject': inMailing('createMailing', 'CreateMailingInput'),
    'PreviewMailingInput.subject': inMailing('previewMailing', 'PreviewMailingInput'),
    'RegisterDeviceInput.name': (name) => [
      'registerDevice',
      'RegisterDeviceInput',
      { clientId: randomUUID(), name, web: subscription() },
    ],
  },
  writes: {
    registerDevice: {
      clientId: 'clientId',
      within: [],
      input: { name: 'Firefox on Linux', web: subscription() },
      others: { name: 'Phone', web: subscription(), fcmToken: 'token' },
      object: 'device { id }',
    },
  },
  texts: {
    'CreateMailingInput.clientId': 'for the client alone',
    'CreateMailingInput.text': 'the text of a mailing: it follows a line that names the organizers',
    'PreviewMailingInput.text': 'as in createMailing',
    'QuietHoursInput.from': 'a time',
    'QuietHoursInput.to': 'a time',
    'RegisterDeviceInput.clientId': 'a key of the client',
    'RegisterDeviceInput.fcmToken': 'a token of Firebase Cloud Messaging',
    'WebPushInput.endpoint': 'the address of a push service',
    'WebPushInput.p256dh': 'a key',
    'WebPushInput.auth': 'a key',
    'SetNotificationPreferencesInput.timeZone': 'the name of a time zone that there is',
    'RequestReportInput.clientId': 'for the client alone',
    'RequestReportInput.timeZone': 'the name of a time zone that there is',
  },
};
