import assert from 'node:assert/strict';
import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, it } from '@jest/globals';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { parse } from 'graphql';
import sharp from 'sharp';
import { type Client, type Network, type Person, startNetwork, until } from '../../network.ts';
import { createTeam, join } from '../play.ts';
import { endOf } from '../reading.ts';

interface Request {
  readonly method: string;
  readonly url: string;
  readonly headers: readonly { readonly name: string; readonly value: string }[];
  readonly offset: number;
  readonly bytes: number;
}

const CREATE = `mutation ($input: CreateUploadInput!) { createUpload(input: $input) {
  file { id state } requests { method url headers { name value } offset bytes } userErrors { reason } } }`;
const COMPLETE =
  'mutation ($input: CompleteUploadInput!) { completeUpload(input: $input) { file { state } userErrors { reason } } }';
const FILE =
  'query ($id: ID!) { mediaFile(id: $id) { state width height blurhash contentType url(size: SMALL) publicUrl(size: SMALL, format: AVIF) } }';
const SEND = `mutation ($input: SendMessageInput!) { sendMessage(input: $input) {
  message { id text attachmentIds attachments { id state url } } userErrors { reason } } }`;

const live = (text: string) => parse(text) as TypedDocumentNode<unknown, Record<string, unknown>>;

interface Shown {
  readonly state: string;
  readonly width: number;
  readonly height: number;
  readonly blurhash: string;
  readonly contentType: string;
  readonly url: string;
  readonly publicUrl: string | null;
}

describe('files of two people on one router', () => {
  let network: Network;
  let anna: Person, boris: Person, clara: Person;
  let teamId: string;
  let body: Buffer<ArrayBuffer>;
  beforeAll(async () => {
    network = await startNetwork();
    [anna, boris, clara] = await Promise.all([network.user('anna'), network.user('boris'), network.user('clara')]);
    teamId = await createTeam(anna, 'Yard Foxes');
    await join(anna, teamId, boris);
    await network.settled();
    body = Buffer.from(
      await sharp({ create: { width: 1000, height: 500, channels: 3, background: '#0a0' } })
        .withExif({ IFD3: { GPSLatitudeRef: 'N', GPSLatitude: '55/1 45/1 0/1' } })
        .jpeg()
        .toBuffer(),
    );
  });
  afterAll(() => network?.stop());

  const data = async <T>(who: Client, query: string, variables: object): Promise<T> => {
    const { data: found, errors } = await who.execute<Record<string, T>>(query, { ...variables });
    assert.equal(errors, undefined, JSON.stringify(errors));
    return Object.values(found ?? {})[0] as T;
  };
  const show = (who: Client, id: string): Promise<Shown | null> => data(who, FILE, { id });

  async function upload(who: Person, kind: string): Promise<string> {
    const checksum = createHash('sha256').update(body).digest('base64');
    const input = { clientId: randomUUID(), kind, contentType: 'image/jpeg', bytes: body.length, checksum };
    const { file, requests } = await data<{ file: { id: string }; requests: Request[] }>(who, CREATE, { input });
    for (const { method, url, headers, offset, bytes } of requests) {
      const named = Object.fromEntries(headers.map(({ name, value }) => [name, value]));
      const sent = await fetch(url, { method, headers: named, body: body.subarray(offset, offset + bytes) });
      assert.equal(sent.status, 200, await sent.text());
    }
    const { file: completed } = await data<{ file: { state: string } }>(who, COMPLETE, { input: { fileId: file.id } });
    assert.equal(completed.state, 'PROCESSING');
    return file.id;
  }
  const ready = async (who: Person, kind: string): Promise<string> => {
    const id = await upload(who, kind);
    await until('the file is ready', async () => (await show(who, id))?.state === 'READY');
    return id;
  };

  it('are uploaded, told only to their owner, and shown as pictures', async () => {
    const events = live('subscription { mediaEvents(afterSeq: 0) { seq state fileId file { state } } }');
    const [annas, boriss] = [anna.subscribe(events, {}), boris.subscribe(events, {})];
    const id = await upload(anna, 'ATTACHMENT');
    const other = await upload(boris, 'ATTACHMENT');
    const states = async (stream: typeof annas): Promise<unknown[]> => {
      const seen = [];
      for (let n = 0; n < 3; n++) {
        const { value } = await stream.next();
        const { mediaEvents: event } = value as { mediaEvents: { state: string; fileId: string } };
        seen.push([event.state, event.fileId]);
      }
      await stream.return?.();
      return seen;
    };
    assert.deepEqual(
      await states(annas),
      ['UPLOADING', 'PROCESSING', 'READY'].map((state) => [state, id]),
    );
    assert.deepEqual(
      await states(boriss),
      ['UPLOADING', 'PROCESSING', 'READY'].map((state) => [state, other]),
    );
    const file = (await show(anna, id)) ?? assert.fail();
    assert.deepEqual([file.width, file.height, file.contentType, file.publicUrl], [1000, 500, 'image/jpeg', null]);
    const picture = await fetch(file.url);
    assert.deepEqual([picture.status, picture.headers.get('content-type')], [200, 'image/webp']);
    assert.equal((await sharp(await picture.arrayBuffer()).metadata()).width, 320);
    assert.equal(await show(boris, id), null);
    assert.equal(await show(network.guest, id), null);
  });

  it('are attached to messages, and shown to those who may read the room', async () => {
    const id = await ready(anna, 'ATTACHMENT');
    const { room } = await data<{ room: { id: string } }>(anna, 'query ($id: ID!) { team(id: $id) { room { id } } }', {
      id: teamId,
    });
    const input = { roomId: room.id, clientMessageId: 'with a photo', text: '', attachmentIds: [id] };
    const { message, userErrors } = await data<{ message: Record<string, unknown> | null; userErrors: unknown[] }>(
      anna,
      SEND,
      { input },
    );
    assert.deepEqual(userErrors, []);
    assert.deepEqual([message?.['text'], message?.['attachmentIds']], ['', [id]]);
    const again = await data<{ message: { id: string } }>(anna, SEND, { input });
    assert.equal(again.message.id, message?.['id']);
    const reasons = async (who: Person, more: object) =>
      (await data<{ userErrors: { reason: string }[] }>(who, SEND, { input: { ...input, ...more } })).userErrors.map(
        ({ reason }) => reason,
      );
    assert.deepEqual(await reasons(anna, { attachmentIds: [] }), ['EMPTY']);
    assert.deepEqual(await reasons(anna, { text: 'other' }), ['CLIENT_ID_USED']);
    assert.deepEqual(await reasons(boris, { clientMessageId: 'b' }), ['ATTACHMENT_NOT_FOUND']);
    assert.deepEqual(await reasons(anna, { clientMessageId: 'c', attachmentIds: [id, id] }), ['ATTACHMENT_NOT_FOUND']);
    const avatar = await ready(anna, 'AVATAR');
    assert.deepEqual(await reasons(anna, { clientMessageId: 'd', attachmentIds: [avatar] }), ['ATTACHMENT_NOT_FOUND']);
    const page = 'query ($id: ID!) { room(id: $id) { messages { edges { node { attachments { id state url } } } } } }';
    const { messages } = await data<{ messages: { edges: { node: { attachments: { url: string }[] } }[] } }>(
      boris,
      page,
      { id: room.id },
    );
    const [shown] = messages.edges[0]?.node.attachments ?? [];
    assert.equal((await fetch(shown?.url ?? '')).status, 200);
    assert.equal((await show(boris, id))?.state, 'READY');
    assert.equal(await show(clara, id), null, 'not a member');
    const node = 'query ($id: ID!) { node(id: $id) { __typename ... on MediaFile { state bytes } } }';
    for (const [who, sees] of [
      [anna, true],
      [boris, true],
      [clara, false],
      [network.guest, false],
    ] as const)
      assert.deepEqual(
        await data(who, node, { id }),
        sees ? { __typename: 'MediaFile', state: 'READY', bytes: body.length } : null,
      );
    const stream = boris.subscribe(
      live(
        'subscription ($id: ID!) { messageEvents(roomId: $id) { ... on MessageSent { message { attachmentIds } } } }',
      ),
      { id: room.id },
    );
    await until('the message is in the stream', async () => {
      const { value } = await stream.next();
      return JSON.stringify(value).includes(id);
    });
    await stream.return?.();
    const links = boris.subscribe(
      live(
        'subscription ($id: ID!) { messageEvents(roomId: $id) { ... on MessageSent { message { attachments { url } } } } }',
      ),
      { id: room.id },
    );
    assert.equal(await endOf(links), 'NOT_IN_STREAM');
    for (const field of ['url', 'videoUrl', 'small: url(size: SMALL)'])
      assert.equal(
        await endOf(anna.subscribe(live(`subscription { mediaEvents(afterSeq: 0) { seq file { ${field} } } }`), {})),
        'NOT_IN_STREAM',
        field,
      );
    await anna.execute('mutation ($input: DeleteMediaFileInput!) { deleteMediaFile(input: $input) { fileId } }', {
      input: { fileId: id },
    });
    assert.equal(await show(boris, id), null);
    await until('the picture is gone', async () => (await fetch(shown?.url ?? '')).status === 404);
  });

  it('are avatars and logos that everybody sees', async () => {
    const [avatar, logo] = [await ready(anna, 'AVATAR'), await ready(anna, 'TEAM_LOGO')];
    await data(anna, 'mutation ($input: SetAvatarInput!) { setAvatar(input: $input) { user { id } } }', {
      input: { fileId: avatar },
    });
    const setLogo =
      'mutation ($input: SetTeamLogoInput!) { setTeamLogo(input: $input) { team { logo { id } } userErrors { reason } } }';
    assert.deepEqual(await data(boris, setLogo, { input: { teamId, fileId: null } }), {
      team: null,
      userErrors: [{ reason: 'MAY_NOT_SET_LOGO' }],
    });
    assert.deepEqual(await data(anna, setLogo, { input: { teamId, fileId: logo } }), {
      team: { logo: { id: logo } },
      userErrors: [],
    });
    const page =
      'query ($id: ID!) { team(id: $id) { name logo { blurhash url } members { edges { node { user { avatar { url } } } } } } }';
    const team = await data<{
      logo: { url: string };
      members: { edges: { node: { user: { avatar: { url: string } | null } } }[] };
    }>(clara, page, { id: teamId });
    const pictures = [team.logo.url, ...team.members.edges.flatMap(({ node }) => node.user.avatar?.url ?? [])];
    assert.equal(pictures.length, 2);
    for (const url of pictures) assert.equal((await fetch(url)).status, 200);
  });
});
