// npm run draw -- TOURNAMENT: reads a tournament from the public API, and writes its tables and brackets as SVG.
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { TypedDocumentNode } from '@graphql-typed-document-node/core';
import { type DocumentNode, type ExecutionResult, print } from 'graphql';
import { ApiError, command, flags, UsageError } from '../competition/api.ts';
import { drawBracket, type Slot } from './bracket.ts';
import { type FragmentType, useFragment as unmask } from './generated/fragment-masking.ts';
import type { TournamentStagesQuery } from './generated/graphql.ts';
import {
  NewestTournaments,
  SideFragment,
  SlotFragment,
  StageBracket,
  StageTables,
  TableFragment,
  TournamentStages,
} from './operations.ts';
import { type Picture, svg } from './svg.ts';
import { drawTables } from './table.ts';

const HELP = `npm run draw -- TOURNAMENT [--url URL] [--out DIR]

Draws the tables and brackets of a tournament from the public API, as SVG: a file for each stage.

  TOURNAMENT  its id; or its exact name, if it is one of the 100 that start last
  --url URL   the API (default http://127.0.0.1:4000)
  --out DIR   where the files go (default: the current folder)
  --help      this

Exit codes: 0 done; 1 there is no such tournament, or the API cannot be reached; 2 wrong usage.`;

export interface Drawing {
  /** For example \`2-play-off.svg\`. */
  readonly file: string;
  readonly content: string;
}

/** The pictures of a tournament. @throws ApiError when there is none, or the API answers with errors */
export async function drawTournament(url: string, tournament: string): Promise<Drawing[]> {
  const found = (await read(url, TournamentStages, { id: tournament })).tournament ?? (await byName(url, tournament));
  if (!found) throw new ApiError(`there is no tournament ${tournament}`);
  const drawings: Drawing[] = [];
  for (const stage of found.stages) {
    const title = `${found.name}: ${stage.name}`;
    const picture = await pictureOf(url, title, stage, found.timeZone);
    // Before the draw a stage has neither groups nor slots, and there is no picture.
    if (picture) drawings.push({ file: `${stage.number}-${slug(stage.name)}.svg`, content: svg(picture, title) });
  }
  return drawings;
}

type Found = NonNullable<TournamentStagesQuery['tournament']>;

async function byName(url: string, wanted: string): Promise<Found | null | undefined> {
  const { tournaments } = await read(url, NewestTournaments, {});
  const named = tournaments?.edges.findLast(({ node }) => node.name === wanted)?.node;
  return named && (await read(url, TournamentStages, { id: named.id })).tournament;
}

async function pictureOf(
  url: string,
  title: string,
  { id, bracket }: Found['stages'][number],
  timeZone: string,
): Promise<Picture | null> {
  if (!bracket) {
    const { node } = await read(url, StageTables, { id });
    const groups = node && 'groups' in node ? node.groups : [];
    if (groups.length === 0) return null;
    return drawTables(
      title,
      groups.map((group) => unmask(TableFragment, group)),
    );
  }
  if (bracket.slotCount === 0) return null;
  const { node } = await read(url, StageBracket, { id, slots: bracket.slotCount });
  const stage = node && 'rounds' in node ? node : null;
  return drawBracket(title, stage?.bracket?.slots.map(slotOf) ?? [], stage?.rounds ?? [], timeZone);
}

type Masked = FragmentType<typeof SlotFragment>;

function slotOf(masked: Masked): Slot {
  const { home, away, ...slot } = unmask(SlotFragment, masked);
  return { ...slot, home: unmask(SideFragment, home), away: unmask(SideFragment, away) };
}

/** Letters of every script and digits; a name of other characters only is "stage". */
const slug = (name: string): string =>
  name
    .toLowerCase()
    .replace(/[^\p{L}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '') || 'stage';

async function read<R, V>(url: string, document: TypedDocumentNode<R, V>, variables: V): Promise<R> {
  const response = await fetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: print(document as DocumentNode), variables }),
  }).catch((cause: unknown) => {
    throw new ApiError(`no ProDvor at ${url} (start it with: npm start)`, { cause });
  });
  const { data, errors = [] } = ((await response.json().catch(() => null)) ?? {}) as ExecutionResult<R>;
  if (data && errors.length === 0) return data;
  throw new ApiError(errors.map(({ message }) => message).join('\n') || `HTTP ${response.status} at ${url}`);
}

async function main(): Promise<void> {
  const parsed = flags(
    {
      allowPositionals: true,
      options: {
        url: { type: 'string', default: 'http://127.0.0.1:4000' },
        out: { type: 'string', default: '.' },
        help: { type: 'boolean', short: 'h' },
      },
    },
    HELP,
  );
  if (!parsed) return;
  const [tournament, ...more] = parsed.positionals;
  if (!tournament || more.length > 0) throw new UsageError('one tournament is needed; --help explains');
  const { url, out } = parsed.values;
  if (!URL.canParse(url) || !/^https?:/i.test(url))
    throw new UsageError(`--url ${url} is not a URL such as http://127.0.0.1:4000`);
  const drawings = await drawTournament(new URL('/graphql', url).href, tournament);
  if (drawings.length === 0) throw new ApiError('nothing is drawn yet: the tournament has no groups and no bracket');
  await mkdir(out, { recursive: true });
  for (const { file, content } of drawings) {
    await writeFile(path.join(out, file), content);
    console.log(path.join(out, file));
  }
}

if (import.meta.main) await command(main);
