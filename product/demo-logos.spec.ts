import assert from 'node:assert/strict';
import { afterAll, beforeAll, test } from '@jest/globals';
import { toGlobalId } from '../platform/graphql/global-id.ts';
import { UsesService } from '../subgraphs/media/uses.service.ts';
import { TeamsService } from '../subgraphs/teams/teams.service.ts';
import { until } from '../test/network/until.ts';
import { drawLogo, giveLogos, type TeamOfDemo } from './demo-logos.ts';
import { openProduct } from './product.fixture.ts';

let product: Awaited<ReturnType<typeof openProduct>>;
const teams: TeamOfDemo[] = [];
const { signal } = new AbortController();

beforeAll(async () => {
  // The teams of a demo that was started before its teams had logos.
  product = await openProduct();
  const owner = { userId: 'b3e522f5-d83a-4654-a8d8-bf8568fccf87', username: 'anna', roles: ['player', 'captain'] };
  const service = product.apps.get('teams')?.get<TeamsService>(TeamsService);
  for (const name of ['Yard Foxes', 'Заря']) {
    const made = await service?.create(owner, {
      clientId: `demo:${name}`,
      name,
      sport: 'MINI_FOOTBALL',
      city: 'Kassel',
    });
    teams.push({ id: made?.id ?? '', name, owner });
  }
});
afterAll(() => product?.close());

async function logos(): Promise<(string | undefined)[]> {
  return Promise.all(
    teams.map(async ({ id }) => {
      const query = `{ team(id: ${JSON.stringify(toGlobalId('Team', id))}) { logo { publicUrl(size: SMALL) } } }`;
      const { data } = (await product.post(`${product.origin}/graphql`, { query })).body;
      return (data?.['team'] as { logo: { publicUrl: string } | null } | null)?.logo?.publicUrl;
    }),
  );
}

test('each team gets a logo by an upload, once; a team whose logo was taken away gets one at the next start', async () => {
  assert.deepEqual(await logos(), [undefined, undefined]);
  // The media service may not know yet that the teams exist.
  await until('logos', () => giveLogos(product, teams, signal).then(() => true), 60_000);
  const [foxes, dawn] = await logos();
  assert.ok(foxes && dawn && foxes !== dawn);
  const picture = await fetch(foxes);
  assert.deepEqual([picture.status, picture.headers.get('content-type')], [200, 'image/webp']);
  await giveLogos(product, teams, signal);
  assert.deepEqual(await logos(), [foxes, dawn]);
  const [{ id = '', owner } = assert.fail()] = teams;
  await product.apps
    .get('media')
    ?.get<UsesService>(UsesService)
    .setLogo(owner, { teamId: toGlobalId('Team', id), fileId: null });
  await giveLogos(product, teams, signal);
  const [again, same] = await logos();
  assert.ok(again && again !== foxes);
  assert.equal(same, dawn);
});

test('the logos of the eight teams differ, and are small', () => {
  const drawn = Array.from({ length: 8 }, (_, index) => drawLogo(index));
  assert.equal(new Set(drawn.map((picture) => picture.toString('base64'))).size, 8);
  for (const picture of drawn) assert.ok(picture.length < 20_000, `${picture.length} bytes`);
});
