import { createHash } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { crc32, deflateSync } from 'node:zlib';
import { toGlobalId } from '../platform/graphql/global-id.ts';
import type { Principal } from '../platform/identity/principal.ts';
import { MediaService } from '../subgraphs/media/media.service.ts';
import { UsesService } from '../subgraphs/media/uses.service.ts';
import type { Product } from './product.ts';

export interface TeamOfDemo {
  readonly id: string;
  readonly name: string;
  readonly owner: Principal;
}

/** Pixels of a side of the square. */
const SIDE = 320;
/** Samples in each direction of a pixel, for smooth edges. */
const SAMPLES = 2;
/** How long the processing of one picture may take. Milliseconds. */
const PATIENCE_MS = 60_000;

/**
 * Gives a logo to each team that has none. Each is drawn here, and uploaded as users do it. A team that has one keeps
 * it, so a second start changes nothing. One team at a time, so that the demo does not slow the first minute.
 */
export async function giveLogos(product: Product, teams: readonly TeamOfDemo[], signal: AbortSignal): Promise<void> {
  const app = product.apps.get('media');
  if (!app) return;
  const [media, uses] = [app.get<MediaService>(MediaService), app.get<UsesService>(UsesService)];
  const ids = teams.map(({ id }) => id);
  const existing = await uses.filesOf('Team', ids);
  for (const [index, { id, name, owner }] of teams.entries()) {
    if (existing.has(id)) continue;
    const picture = drawLogo(index);
    const { file, requests } = await media.createUpload(owner, {
      clientId: `demo:logo:${name}`,
      kind: 'TEAM_LOGO',
      contentType: 'image/png',
      bytes: picture.length,
      checksum: createHash('sha256').update(picture).digest('base64'),
    });
    const fileId = toGlobalId('MediaFile', file.id);
    if (file.state === 'UPLOADING') {
      for (const { method, url, headers } of requests) {
        // The link has the address for clients elsewhere, and this process may not reach it.
        const { pathname, search } = new URL(url);
        const stored = await fetch(product.origin + pathname + search, {
          method,
          headers,
          body: new Uint8Array(picture),
          signal,
        });
        if (!stored.ok) throw new Error(`the storage answered ${stored.status} to the logo of ${name}`);
      }
      await media.completeUpload(owner, { fileId });
    }
    await isReady(media, owner, file.id, signal);
    await uses.setLogo(owner, { teamId: toGlobalId('Team', id), fileId });
  }
}

async function isReady(media: MediaService, owner: Principal, id: string, signal: AbortSignal): Promise<void> {
  const end = Date.now() + PATIENCE_MS;
  for (;;) {
    const file = (await media.byIds(owner, [id])).get(id);
    const state = file && 'state' in file ? file.state : 'unknown';
    if (state === 'READY') return;
    if (state !== 'PROCESSING' || Date.now() > end) throw new Error(`the logo ${id} is ${state}`);
    await sleep(200, undefined, { signal });
  }
}

type Colour = readonly [red: number, green: number, blue: number];
const COLOURS: readonly (readonly [Colour, Colour])[] = [
  [
    [214, 84, 24],
    [255, 236, 214],
  ],
  [
    [142, 42, 34],
    [232, 205, 160],
  ],
  [
    [190, 24, 60],
    [255, 214, 64],
  ],
  [
    [16, 74, 122],
    [240, 246, 252],
  ],
  [
    [38, 110, 140],
    [226, 240, 236],
  ],
  [
    [84, 58, 130],
    [244, 214, 84],
  ],
  [
    [46, 92, 54],
    [236, 232, 208],
  ],
  [
    [30, 32, 38],
    [236, 196, 40],
  ],
];
/** Where a figure has the second colour. Coordinates are from -1 to 1. */
const FIGURES: readonly ((x: number, y: number) => boolean)[] = [
  (x, y) => Math.abs(x - y) < 0.3,
  (x) => Math.abs(((x + 2) % 0.4) - 0.2) < 0.1,
  (x, y) => Math.hypot(x, y + 0.1) < 0.45,
  (x, y) => Math.abs(x) < 0.14 || Math.abs(y + 0.2) < 0.14,
];
const isShield = (x: number, y: number): boolean =>
  y > -0.9 && Math.abs(x) < (y < 0 ? 0.8 : 0.8 * Math.sqrt(Math.max(0, 1 - (y / 0.95) ** 2)));

/** A shield in two colours with a figure, as PNG with transparent corners. */
export function drawLogo(index: number): Buffer {
  const [ground, mark] = COLOURS[index % COLOURS.length] ?? [
    [0, 0, 0],
    [255, 255, 255],
  ];
  const figure = FIGURES[(index + Math.floor(index / COLOURS.length)) % FIGURES.length];
  // Each row begins with the number of its filter: 0, none.
  const pixels = Buffer.alloc(SIDE * (1 + SIDE * 4));
  const at = (pixel: number, sample: number): number => ((pixel + (sample + 0.5) / SAMPLES) / SIDE) * 2 - 1;
  for (let row = 0; row < SIDE; row++)
    for (let column = 0; column < SIDE; column++) {
      let [covered, marked] = [0, 0];
      for (let sample = 0; sample < SAMPLES ** 2; sample++) {
        const [x, y] = [at(column, sample % SAMPLES), at(row, Math.floor(sample / SAMPLES))];
        if (!isShield(x, y)) continue;
        covered++;
        // A border of the shield has the colour of the figure.
        if (figure?.(x, y) || !isShield(x * 1.08, y * 1.08)) marked++;
      }
      if (covered === 0) continue;
      const offset = row * (1 + SIDE * 4) + 1 + column * 4;
      for (const channel of [0, 1, 2] as const)
        pixels[offset + channel] = Math.round(
          ((ground[channel] ?? 0) * (covered - marked) + (mark[channel] ?? 0) * marked) / covered,
        );
      pixels[offset + 3] = Math.round((255 * covered) / SAMPLES ** 2);
    }
  const header = Buffer.alloc(13);
  header.writeUInt32BE(SIDE, 0);
  header.writeUInt32BE(SIDE, 4);
  header.set([8, 6], 8); // 8 bits for each of red, green, blue and alpha
  return Buffer.concat([
    Buffer.from('89504e470d0a1a0a', 'hex'),
    chunk('IHDR', header),
    chunk('IDAT', deflateSync(pixels)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function chunk(type: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const [length, checksum] = [Buffer.alloc(4), Buffer.alloc(4)];
  length.writeUInt32BE(data.length);
  checksum.writeUInt32BE(crc32(body));
  return Buffer.concat([length, body, checksum]);
}
