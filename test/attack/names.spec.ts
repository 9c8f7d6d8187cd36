// Threat: somebody writes text that others read under the product's name, in a mail, a page or a push message. Safe
// means:
// - a mail to an unconfirmed address contains no text that the registering person chose;
// - no name (of a person, team, place, competition, player) contains a link, a control character, a line break, a
//   change of text direction, or only invisible characters: INVALID at the field, and nothing is created;
// - no user name is a name of the product or of its operators, a name that means "nobody", or a web address, in any
//   case, with any separators or look-alike letters;
// - nobody may choose one of the most common passwords;
// - a developer who adds a text input to the API must classify it here.
import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { buildSchema, getNamedType, isInputObjectType } from 'graphql';
import { kickOff, type Fixture, schedule as scheduleMatch } from '../e2e/play.ts';
import { type AiProvider, startAiProvider } from '../ai-provider/server.ts';
import { allCases } from '../cases.ts';
import { type Network, type Person, startNetwork, until } from '../network.ts';
import { PASSWORD, uniqueName } from '../network/accounts.ts';

const LINK = 'Restore it at https://evil.example/login';
const BAD: readonly [what: string, name: string][] = [
  ['a link', LINK],
  ['a link without a scheme', 'go to evil.example now'],
  ['www', 'www.evil'],
  ['a wide full stop', 'evil。com'],
  ['wide letters', 'ｅｖｉｌ．ｃｏｍ'],
  ['a hidden character in a link', 'ev\u200bil.com'],
  ['a name with a path', 'evil.anything/login'],
  ['a name with a port', 'evil.anything:8080'],
  ['an IDN', 'злой.рф'],
  ['an IPv4 address', '10.0.0.1'],
  ['an e-mail address', 'help@evil.example'],
  ['javascript:', 'javascript:alert(1)'],
  ['mailto:', 'mailto:x'],
  ['NUL', 'a\u0000b'],
  ['escape', 'a\u001b[31mb'],
  ['two lines', 'Hello\nyour account'],
  ['CR', 'a\rb'],
  ['a line separator', 'a\u2028b'],
  ['a paragraph separator', 'a\u2029b'],
  ['half a surrogate pair', 'a\ud800b'],
  ['a right-to-left override', 'Anna\u202egnp.exe'],
  ['an isolate', 'a\u2066b'],
  ['an embedding', 'a\u202ab'],
  ['nothing', ''],
  ['blanks', ' \u00a0\u3000'],
  ['U+200B', '\u200b'],
  ['U+2060', '\u2060\u2060'],
  ['U+3164', '\u3164'],
  ['U+2800', '\u2800 \u2800'],
  ['a joiner alone', '\u200d'],
  ['an accent alone', '\u0301'],
  ['U+115F', '\u115f'],
  ['a hidden twin', 'An\u200bna'],
  ['a soft hyphen', 'An\u00adna'],
  ['a tag', 'a\u{e0041}b'],
];
const GOOD = [
  'Jürgen Müller',
  'محمد صلاح',
  'علی‌رضا',
  'שרה לוי',
  'O’Neil',
  '1.FC Köln',
  'FC St.Pauli',
  'A.S. Roma',
  'U.S.A.',
  '👨‍👩‍👧 Family',
  '🏴󠁧󠁢󠁥󠁮󠁧󠁿 England',
  '❤️ Hearts',
  'Spartak / Moscow',
  'क्षत्रिय',
  '서울 FC',
  'Group A: 3rd',
  'Serie A 2022/23',
];

type Payload = { readonly userErrors: readonly { readonly field: readonly string[] | null; readonly code: string }[] };
type Ask = (value: string) => Promise<Payload>;

let provider: AiProvider;
let network: Network;
let anna: Person;
let olga: Person;
let match: Fixture;
beforeAll(async () => {
  provider = await startAiProvider();
  network = await startNetwork({ env: provider.env });
  [anna, olga] = await Promise.all([network.user('anna'), network.user('olga', { roles: ['organizer', 'referee'] })]);
  match = await scheduleMatch(olga);
  await kickOff(olga, match.matchId);
});
afterAll(async () => {
  await network?.stop();
  await provider?.close();
});

async function mutate(who: Pick<Person, 'execute'>, field: string, type: string, input: object): Promise<Payload> {
  const { data, errors } = await who.execute<Record<string, Payload>>(
    `mutation ($input: ${type}!) { ${field}(input: $input) { userErrors { field code } } }`,
    { input },
  );
  assert.deepEqual(errors ?? [], [], field);
  return data?.[field] ?? assert.fail(field);
}
const register = (changed: object): Promise<Payload> => {
  const username = uniqueName('mallory');
  return mutate(network.guest, 'register', 'RegisterInput', {
    username,
    email: `${username}@test.prodvor.example`,
    password: PASSWORD,
    ...changed,
  });
};
const schedule = (changed: object): Promise<Payload> =>
  mutate(olga, 'scheduleMatch', 'ScheduleMatchInput', {
    clientId: randomUUID(),
    sport: 'FOOTBALL',
    homeTeamId: match.home,
    awayTeamId: match.away,
    kickoffAt: '2026-06-01T10:00:00Z',
    ...changed,
  });

const cases = [...(await allCases()).values()];

/** Every input of the API that is a name, and the mutation that sends it. */
const NAMES: Readonly<Record<string, Ask>> = {
  'RegisterInput.displayName': (displayName) => register({ displayName }),
  'RegisterInput.city': (city) => register({ city }),
  'UpdateProfileInput.displayName': (displayName) =>
    mutate(anna, 'updateProfile', 'UpdateProfileInput', { displayName }),
  'UpdateProfileInput.city': (city) => mutate(anna, 'updateProfile', 'UpdateProfileInput', { city }),
  'ScheduleMatchInput.competition': (competition) => schedule({ competition }),
  'ScheduleMatchInput.round': (round) => schedule({ round }),
  'ScheduleMatchInput.group': (group) => schedule({ group }),
  'ScheduleMatchInput.venue': (venue) => schedule({ venue }),
  'MatchPlayerInput.name': (name) =>
    mutate(olga, 'recordMatchEvent', 'RecordMatchEventInput', {
      matchId: match.matchId,
      clientEventId: randomUUID(),
      goal: { side: 'HOME', player: { name } },
    }),
  ...Object.fromEntries(
    cases
      .flatMap(({ names = {} }) => Object.entries(names))
      .map(([input, ask]): [string, Ask] => [input, async (value) => mutate(anna, ...(await ask(value, anna)))]),
  ),
};
/** Every text input of the API that is not a name, with the rule that applies to it. */
const OTHERS: Readonly<Record<string, string>> = {
  'AcceptInvitationInput.token': 'a secret of ours',
  'RegisterInput.username': 'below',
  'RegisterInput.password': 'below',
  'RegisterInput.email': 'an address',
  'ScheduleMatchInput.clientId': 'for the client alone',
  'RecordMatchEventInput.clientEventId': 'for the client alone',
  'VoidMatchEventInput.clientEventId': 'for the client alone',
  'SendMessageInput.clientMessageId': 'for the client alone',
  'SendMessageInput.text': 'what people say to each other, links included',
  'VoidMatchEventInput.reason': 'what a referee says',
  ...(Object.assign({}, ...cases.map(({ texts }) => texts)) as Record<string, string>),
};

describe('names', () => {
  it('are all of these inputs', () => {
    const schema = buildSchema(readFileSync(path.join(import.meta.dirname, '../../schema/api.graphql'), 'utf8'), {
      assumeValidSDL: true,
    });
    const texts = Object.values(schema.getTypeMap())
      .filter(isInputObjectType)
      .flatMap((type) =>
        Object.values(type.getFields())
          .filter((field) => getNamedType(field.type).name === 'String')
          .map((field) => `${type.name}.${field.name}`),
      );
    assert.deepEqual(
      texts.sort(),
      [...Object.keys(NAMES), ...Object.keys(OTHERS)].sort(),
      "list each text of an input in 'names' or, with its rule, in 'texts' of its subgraph's cases.fixture.ts",
    );
  });

  for (const [input, ask] of Object.entries(NAMES)) {
    it(`${input}: refuses deceptive text, accepts real names`, async () => {
      const field = input.split('.')[1];
      for (const [what, name] of BAD) {
        const { userErrors } = await ask(name);
        assert.deepEqual(
          userErrors.map((error) => [error.field?.at(-1), error.code]),
          [[field, 'INVALID']],
          `${what}: ${JSON.stringify(name)}`,
        );
      }
      for (const name of GOOD) assert.deepEqual((await ask(name)).userErrors, [], name);
    });
  }

  it('a message must not be empty', async () => {
    const { data } = await anna.execute<{ match: { room: { id: string } } }>(
      'query ($id: ID!) { match(id: $id) { room { id } } }',
      { id: match.matchId },
    );
    const send = (text: string): Promise<Payload> =>
      mutate(anna, 'sendMessage', 'SendMessageInput', {
        roomId: data?.match.room.id,
        clientMessageId: randomUUID(),
        text,
      });
    for (const text of ['\u200b', '\u2800\n\u2800', '\u3164', '\u2060'])
      assert.deepEqual((await send(text)).userErrors, [{ field: ['text'], code: 'INVALID' }], JSON.stringify(text));
    for (const text of ['look: https://example.org', '👍']) assert.deepEqual((await send(text)).userErrors, [], text);
  });
});

describe('a person who registers', () => {
  it('cannot have a reserved name, in any disguise that the form allows', async () => {
    const names = [
      'admin',
      'ADMIN',
      'a.d.m.i.n',
      'ad-min',
      '_admin_',
      'adm1n',
      '4dmin',
      'adrnin',
      'root',
      'r00t',
      'support',
      'supp0rt',
      'system',
      'prodvor',
      'pr0dv0r',
      'pro-dvor',
      'prodvor-support',
      'moderator',
      'postmaster',
      'no-reply',
      'null',
      'undefined',
      '...',
      '---',
      '_._',
      'evil.com',
      'restore.at.evil.ru',
      'www.evil',
    ];
    for (const username of names) {
      assert.deepEqual((await register({ username })).userErrors, [{ field: ['username'], code: 'INVALID' }], username);
      const origin =
        network.mode === 'full' ? network.originOf('users') : new URL(network.routers[0]?.url ?? '').origin;
      const account = { username, email: `${randomUUID()}@test.prodvor.example`, password: PASSWORD };
      assert.equal(
        (
          await fetch(`${origin}/register`, {
            method: 'POST',
            headers: { 'content-type': 'application/json' },
            body: JSON.stringify(account),
          })
        ).status,
        422,
        username,
      );
    }
  });

  it('cannot have a common password', async () => {
    for (const password of [
      'password',
      'Password1',
      'P@ssw0rd',
      '12345678',
      '1234567890',
      'qwertyuiop',
      'qwerty123',
      '1q2w3e4r',
      'iloveyou',
      'aaaaaaaaaa',
      'Football2024!',
      'letmein!',
      'пароль123',
      'gfhjkm123',
      'prodvor2026',
    ]) {
      assert.deepEqual((await register({ password })).userErrors, [{ field: ['password'], code: 'INVALID' }], password);
    }
    assert.deepEqual((await register({ password: 'two yellow dogs' })).userErrors, []);
  });

  it('gets a mail without any text of theirs', async () => {
    const username = uniqueName('your-account-is-blocked');
    const email = `${randomUUID()}@test.prodvor.example`;
    assert.deepEqual(
      (
        await register({
          username: username.slice(0, 32),
          email,
          displayName: 'Friend your account is blocked',
          city: 'Call 0900 12345',
        })
      ).userErrors,
      [],
    );
    const [mail] = await until('a welcome', async () => {
      const mails = await network.mailsTo(email);
      return mails.length > 0 && mails;
    });
    assert.match(mail?.raw ?? '', /^Subject: Welcome to ProDvor\r$/m);
    assert.doesNotMatch(mail?.raw ?? '', /blocked|friend|0900/i);
  });
});
