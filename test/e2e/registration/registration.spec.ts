import assert from 'node:assert/strict';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import { type Network, startNetwork, until } from '../../network.ts';
import { decoded } from '../mails.ts';
import { ReadEmailState, Register } from '../operations.ts';

describe('registration', () => {
  let network: Network;
  beforeAll(async () => {
    network = await startNetwork({ separate: true });
  });
  afterAll(() => network?.stop());

  it('is followed by one welcome e-mail, even when the job is delivered twice', async () => {
    const anna = await network.user('anna');
    const [mail] = await until('a welcome', async () => {
      const mails = await network.mailsTo(anna.email);
      return mails.length > 0 && mails;
    });
    assert.match(mail?.raw ?? '', /^Subject: Welcome to ProDvor\r$/m);
    const text = decoded(mail?.raw ?? '');
    assert.match(text, /Your account is ready/);

    // The link in the mail confirms the address at the identity provider.
    const link = new URL(/https?:\/\/\S+\/emails\/verify\/[\w.-]+/.exec(text)?.[0] ?? '').pathname;
    const origin =
      network.mode === 'full' ? network.originOf('notifications') : new URL(network.routers[0]?.url ?? '').origin;
    assert.equal((await fetch(origin + link)).status, 200);
    const emailState = async (): Promise<unknown> =>
      (await anna.request(ReadEmailState)).notificationPreferences?.emailState;
    assert.equal(await emailState(), 'UNVERIFIED', 'opening the page changes nothing');
    assert.equal((await fetch(origin + link, { method: 'POST' })).status, 200);
    assert.equal(await emailState(), 'VERIFIED');

    await network.republish('notifications');
    await network.settled();
    // Boris registers after the repeated request. When his mail has arrived, a second mail to anna would have arrived
    // too.
    const boris = await network.user('boris');
    await until('the next welcome', async () => (await network.mailsTo(boris.email)).length > 0);
    const mails = await network.mailsTo(anna.email);
    assert.equal(
      new Set(mails.map(({ messageId }) => messageId)).size,
      1,
      'a repeat has the same Message-ID, by which mail programs know it',
    );
    assert.equal(mails.length, 1, 'the job is remembered, whatever the queue forgets');
  });

  it('refuses invalid input with the field, and sends no mail', async () => {
    const taken = await network.user('carl');
    const email = 'nobody@test.prodvor.example';
    const attempts = [
      [{ username: taken.email.split('@')[0] ?? '', email, password: 'correct horse battery' }, ['username TAKEN']],
      [{ username: 'fine-name', email: 'no address', password: 'short' }, ['email INVALID', 'password INVALID']],
    ] as const;
    for (const [input, expected] of attempts) {
      const { register } = await network.guest.request(Register, { input });
      assert.equal(register.user, null);
      assert.deepEqual(
        register.userErrors.map(({ field, code }) => `${field?.join('.')} ${code}`),
        expected,
      );
    }
    await network.settled();
    assert.deepEqual(await network.mailsTo(email), []);
  });

  it('gives the same result over POST /register', async () => {
    const origin = network.mode === 'full' ? network.originOf('users') : new URL(network.routers[0]?.url ?? '').origin;
    const post = (body: object): Promise<Response> =>
      fetch(`${origin}/register`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
    const username = `dina-${Date.now().toString(36)}`;
    const answer = await post({
      username,
      email: `${username}@test.prodvor.example`,
      password: 'correct horse battery',
    });
    assert.equal(answer.status, 201);
    assert.equal(((await answer.json()) as { username: string }).username, username);
    const again = await post({
      username,
      email: `${username}@test.prodvor.example`,
      password: 'correct horse battery',
    });
    assert.equal(again.status, 422);

    // POST /register answers with the same errors as the mutation. Mistakes that only a REST client can make, such as a
    // missing field, get a message of the same kind.
    const query =
      'mutation ($input: RegisterInput!) { register(input: $input) { userErrors { field code reason params { name value } message } } }';
    const wrong = {
      username: 'x',
      email: 'no address',
      password: 'short',
      displayName: 'see https://evil.example',
      sports: Array(21).fill('HOCKEY'),
    };
    const { data } = await network.guest.execute<{ register: { userErrors: unknown[] } }>(query, { input: wrong });
    assert.deepEqual(await (await post(wrong)).json(), data?.register);
    assert.equal(data?.register.userErrors.length, 5);
    const untyped = await post({ username: 7, password: null, displayName: {}, sports: ['CHESS', 1] });
    const { userErrors } = (await untyped.json()) as {
      userErrors: { field: string[]; code: string; reason: string; params: unknown[]; message: string }[];
    };
    assert.deepEqual(
      [untyped.status, userErrors.map(({ field, reason }) => `${field.join('.')} ${reason}`)],
      [
        422,
        [
          'username WRONG_TYPE',
          'email REQUIRED',
          'password REQUIRED',
          'displayName WRONG_TYPE',
          'sports.0 NOT_ONE_OF',
          'sports.1 NOT_ONE_OF',
        ],
      ],
    );
    assert.deepEqual(userErrors[0], {
      field: ['username'],
      code: 'INVALID',
      reason: 'WRONG_TYPE',
      params: [{ name: 'expected', value: 'String' }],
      message: 'must be of type String',
    });
  });
});
