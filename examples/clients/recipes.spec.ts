import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterAll, beforeAll, describe, it, jest } from '@jest/globals';
import { promisify } from 'node:util';
import { ApolloLink, CombinedGraphQLErrors, CombinedProtocolErrors, gql, HttpLink, ServerError } from '@apollo/client';
import { BatchHttpLink } from '@apollo/client/link/batch-http';
import { createPersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { relayStylePagination } from '@apollo/client/utilities';
import { Client as Urql, fetchExchange } from '@urql/core';
import { persistedExchange } from '@urql/exchange-persisted';
import type { CodegenConfig } from '@graphql-codegen/cli';
import { type ClientError, GraphQLClient } from 'graphql-request';
import { type Client as SocketClient, createClient } from 'graphql-ws';
import { type ConcreteRequest, createOperationDescriptor, Environment, RecordSource, Store } from 'relay-runtime';
import { getGlobalDispatcher } from 'undici';
import { createTeam, roomOfTeam } from '../../test/e2e/play.ts';
import { type Network, type Person, startNetwork } from '../../test/network.ts';
import { PASSWORD } from '../../test/network/accounts.ts';
import { createSession, refreshAt, type Session, type Tokens } from '../typed-client/session.ts';
import { createApollo } from './apollo/client.ts';
import { createLink } from './apollo/link.ts';
import { cacheModule } from './cache.mjs';
import { socketTo, withApollo3 } from './kits.ts';
import { createNetwork } from './relay/network.ts';
import { createUrql } from './urql/client.ts';

/** The code of an error of Apollo Client 4. */
const codeOf = (error: unknown): unknown =>
  CombinedGraphQLErrors.is(error) || CombinedProtocolErrors.is(error)
    ? error.errors[0]?.extensions?.code
    : ServerError.is(error)
      ? error.statusCode
      : error;

const ROOT = path.join(import.meta.dirname, '../..');
const BIN = path.join(import.meta.dirname, 'node_modules/.bin');
const run = promisify(execFile);

type Answer = Record<string, unknown>;
/** Sends a query and returns all results: one, or with `@defer` one for each update. */
type Ask = (session: Session, query: string, variables: Answer) => Promise<unknown[]>;

const PAGE = 'query Page($id: ID!) { team(id: $id) { __typename id name members { edges { node { id role } } } } }';
const DEFERRED = 'query Deferred($id: ID!) { team(id: $id) { id name ... on Team @defer { memberCount } } }';

describe('the recipes of docs/frontend.md', () => {
  let network: Network;
  let url = '';
  let olga: Person;
  let teamId = '';
  let socket: SocketClient;
  const clients: Record<string, Ask> = {};
  beforeAll(async () => {
    network = await startNetwork();
    url = network.routers[0]?.url ?? '';
    olga = await network.user('olga', { roles: ['organizer'] });
    teamId = await createTeam(olga, 'Yard Foxes');
    socket = socketTo(url);
    const three = (await import('apollo-client-3/index.js')) as unknown as typeof import('@apollo/client');
    const { createLink: createLink3 } = await withApollo3<typeof import('./apollo/link.ts')>('link.ts');
    const { possibleTypes, typePolicies } = await import('./generated/cache.ts');
    const watch = (
      client: ReturnType<typeof createApollo>,
      query: Parameters<typeof client.watchQuery>[0]['query'],
      variables: Answer,
    ): Promise<unknown[]> =>
      new Promise((resolve, reject) => {
        const seen: unknown[] = [];
        client.watchQuery<Answer>({ query, variables }).subscribe({
          next({ data, error }) {
            if (error) return reject(error);
            if (!data || Object.keys(data).length === 0) return; // still loading
            seen.push(data);
            if (variables.deferred === undefined || JSON.stringify(data).includes(String(variables.deferred)))
              resolve(seen);
          },
          error: reject,
        });
      });
    Object.assign(clients, {
      'Apollo Client 4': (session, query, variables) =>
        watch(createApollo(createLink(url, session, socket)), gql(query), variables),
      'Apollo Client 3': (session, query, variables) => {
        const client = new three.ApolloClient({
          link: createLink3(url, session, socket),
          cache: new three.InMemoryCache({ possibleTypes, typePolicies }),
        });
        return watch(client, three.gql(query), variables);
      },
      urql: (session, query, variables) =>
        new Promise((resolve, reject) => {
          const seen: unknown[] = [];
          createUrql(url, session, socket)
            .query<Answer>(query, variables)
            .subscribe(({ data, error, hasNext }) => {
              if (error) return reject(error);
              seen.push(structuredClone(data));
              if (!hasNext) resolve(seen);
            });
        }),
      'graphql-request': async (session, query, variables) => [
        await new GraphQLClient(url, { fetch: session.fetch }).request(query, variables),
      ],
      Relay: async (session, text, variables) => {
        const environment = new Environment({
          network: createNetwork(url, socket, session.fetch),
          store: new Store(new RecordSource()),
        });
        const request = {
          text,
          name: text.split(/\W/)[1] ?? '',
          operationKind: 'query',
          id: null,
          cacheID: text,
          metadata: {},
        } as const;
        const { data } = (await environment.getNetwork().execute(request, variables, {}).toPromise()) as {
          data: Answer;
        };
        return [data];
      },
    } satisfies Record<string, Ask>);
  });
  afterAll(async () => {
    await socket?.dispose();
    await getGlobalDispatcher().destroy();
    await network?.stop();
  });

  const tokenUrl = (): string => url.replace('/graphql', '/identity/token');
  const signIn = async (): Promise<Tokens> => {
    const form = new URLSearchParams({
      grant_type: 'password',
      client_id: 'prodvor-web',
      username: olga.email.split('@')[0] ?? '',
      password: PASSWORD,
    });
    return (await (await fetch(tokenUrl(), { method: 'POST', body: form })).json()) as Tokens;
  };

  it('ask, and renew an expired token: every library, with one refresh token for concurrent calls', async () => {
    const said = [jest.spyOn(console, 'warn'), jest.spyOn(console, 'error')];
    for (const [name, ask] of Object.entries(clients)) {
      const tokens = await signIn();
      // By `expires_in` the token is still valid, so only the 401 shows that it has expired.
      const session = createSession(
        { ...tokens, access_token: (await network.badTokens?.expired(tokens.access_token)) ?? '' },
        refreshAt(tokenUrl()),
      );
      const answers = await Promise.all([
        ask(session, PAGE, { id: teamId }),
        ask(session, PAGE.replace('name', 'name city'), { id: teamId }),
      ]);
      for (const answer of answers) {
        const { team } = answer.at(-1) as { team: { name: string; members: { edges: { node: { role: string } }[] } } };
        assert.deepEqual([team.name, team.members.edges.map(({ node }) => node.role)], ['Yard Foxes', ['OWNER']], name);
      }
    }
    // No cache printed a warning.
    assert.deepEqual(
      said.flatMap(({ mock }) => mock.calls),
      [],
    );
  });

  it('add the next page to a list, for a guest too', async () => {
    await createTeam(olga, 'Brick Rovers');
    const lists = { Query: { fields: { teams: relayStylePagination(['sport']) } } };
    const guest = createApollo(createLink(url, { fetch }, socket), lists);
    const query = gql(`query Teams($after: String) {
      teams(first: 1, after: $after) { edges { node { id name } } pageInfo { hasNextPage endCursor } }
    }`);
    type Page = {
      teams: { edges: { node: { name: string } }[]; pageInfo: { endCursor: string; hasNextPage: boolean } };
    };
    const { data } = await guest.query<Page>({ query });
    await guest.watchQuery<Page>({ query }).fetchMore({ variables: { after: data?.teams.pageInfo.endCursor } });
    const { teams } = guest.readQuery<Page>({ query }) ?? assert.fail();
    assert.deepEqual(
      teams.edges.map(({ node }) => node.name),
      ['Brick Rovers', 'Yard Foxes'],
    );
    assert.equal(teams.pageInfo.hasNextPage, false);
  });

  it('show deferred fields when they arrive', async () => {
    const session = createSession(await signIn(), refreshAt(tokenUrl()));
    for (const name of ['Apollo Client 4', 'Apollo Client 3', 'urql']) {
      const seen = (await clients[name]?.(session, DEFERRED, { id: teamId, deferred: 'memberCount' })) as {
        team: { name: string; memberCount?: number };
      }[];
      assert.deepEqual(
        seen.map(({ team }) => [team.name, team.memberCount]),
        [
          ['Yard Foxes', undefined],
          ['Yard Foxes', 1],
        ],
        name,
      );
    }
  });

  it('report an expired token in three forms: 401, `4403 Token expired`, TOKEN_EXPIRED', async () => {
    const roomId = await roomOfTeam(olga, teamId);
    const token =
      (await network.badTokens?.signed?.(olga.token ?? '', { exp: Math.floor(Date.now() / 1000) + 1 })) ?? '';
    const headers = { authorization: `Bearer ${token}` };
    const room =
      'subscription Room($roomId: ID!, $afterSeq: Int) { messageEvents(roomId: $roomId, afterSeq: $afterSeq) { id seq } }';
    const variables = { roomId };

    // These subscriptions are open when the token expires. They do not use resumable.ts, which would hide the expiry.
    const apolloMultipart = createApollo(new HttpLink({ uri: url, headers }));
    const multipart = new Promise<unknown[]>((resolve) => {
      const seen: unknown[] = [];
      apolloMultipart
        .subscribe<{ messageEvents: { seq: number } }>({ query: gql(room), variables })
        .subscribe({
          next: ({ data, error }) => seen.push(data?.messageEvents.seq ?? codeOf(error)),
          error: (error: unknown) => resolve([...seen, codeOf(error)]),
          complete: () => resolve(seen),
        });
    });
    const urqlEvents = new Urql({
      url,
      fetchOptions: { headers },
      fetchSubscriptions: true,
      exchanges: [fetchExchange],
    });
    const events = new Promise<unknown[]>((resolve) => {
      const seen: unknown[] = [];
      const subscription = urqlEvents
        .subscription<{ messageEvents: { seq: number } }>(room, variables)
        .subscribe(({ data, error }) => {
          seen.push(error ? error.graphQLErrors[0]?.extensions.code : data?.messageEvents.seq);
          if (!error) return;
          queueMicrotask(() => subscription.unsubscribe());
          resolve(seen);
        });
    });
    const raw = createClient({ url: url.replace(/^http/, 'ws'), connectionParams: headers, retryAttempts: 0 });
    const stock = new Promise<unknown[]>((resolve) => {
      const seen: unknown[] = [];
      raw.subscribe<{ messageEvents: { seq: number } }>(
        { query: room, variables },
        {
          next: ({ data }) => seen.push(data?.messageEvents.seq),
          error: (error) => resolve([...seen, (error as CloseEvent).code, (error as CloseEvent).reason]),
          complete: () => resolve(seen),
        },
      );
    });
    assert.deepEqual(
      { multipart: await multipart, events: await events, stock: await stock },
      { multipart: [1, 'TOKEN_EXPIRED'], events: [1, 'TOKEN_EXPIRED'], stock: [1, 4403, 'Token expired'] },
    );

    // These queries go over HTTP, without a session that would renew the token.
    const failed = async (work: Promise<unknown>): Promise<unknown> =>
      work.then(
        () => undefined,
        (error: unknown) => error,
      );
    const apollo = await failed(apolloMultipart.query({ query: gql(PAGE), variables: { id: teamId } }));
    const { error } = await new Urql({
      url,
      preferGetMethod: false,
      fetchOptions: { headers },
      exchanges: [fetchExchange],
    })
      .query(PAGE, { id: teamId })
      .toPromise();
    const request = await failed(new GraphQLClient(url, { headers }).request(PAGE, { id: teamId }));
    assert.deepEqual(
      {
        apollo: codeOf(apollo),
        urql: [error?.response?.status, error?.graphQLErrors[0]?.extensions.code],
        request: (request as ClientError).response.status,
      },
      { apollo: 'UNAUTHENTICATED', urql: [401, 'UNAUTHENTICATED'], request: 401 },
    );
  }, 60_000);

  it('several operations in one call (BatchHttpLink)', async () => {
    let calls = 0;
    const counted: typeof fetch = (input, init) => fetch(input, (calls++, init));
    const client = createApollo(new BatchHttpLink({ uri: url, fetch: counted, batchMax: 10 }));
    const answers = await Promise.all(
      ['name', 'sport'].map((field) =>
        client.query<{ team: Answer }>({
          query: gql(`query One($id: ID!) { team(id: $id) { id ${field} } }`),
          variables: { id: teamId },
        }),
      ),
    );
    assert.deepEqual(
      [calls, answers.map(({ data }) => data?.team)],
      [
        1,
        [
          { __typename: 'Team', id: teamId, name: 'Yard Foxes' },
          { __typename: 'Team', id: teamId, sport: 'FOOTBALL' },
        ],
      ],
    );
  });

  it('persisted queries: the text is sent once', async () => {
    const bodies: string[] = [];
    const watched: typeof fetch = (input, init) => {
      bodies.push(typeof init?.body === 'string' ? init.body : decodeURIComponent(String(input)));
      return olga.token
        ? fetch(input, {
            ...init,
            headers: { ...(init?.headers as Record<string, string>), authorization: `Bearer ${olga.token}` },
          })
        : fetch(input, init);
    };
    const sha256 = (text: string): string => createHash('sha256').update(text).digest('hex');
    const apollo = () =>
      createApollo(ApolloLink.from([createPersistedQueryLink({ sha256 }), new HttpLink({ uri: url, fetch: watched })]));
    const urql = () =>
      new Urql({
        url,
        fetch: watched,
        preferGetMethod: false,
        exchanges: [persistedExchange({ preferGetForPersistedQueries: false }), fetchExchange],
      });
    for (const [name, ask] of [
      [
        'Apollo',
        async () =>
          (await apollo().query({ query: gql(PAGE.replace('Page', 'ApolloPage')), variables: { id: teamId } })).data,
      ],
      ['urql', async () => (await urql().query(PAGE.replace('Page', 'UrqlPage'), { id: teamId }).toPromise()).data],
    ] as const) {
      const sent: boolean[][] = [];
      for (let n = 0; n < 2; n++) {
        bodies.length = 0;
        assert.equal(((await ask()) as { team: { name: string } }).team.name, 'Yard Foxes', name);
        sent.push(bodies.map((body) => body.includes('"query"')));
      }
      assert.deepEqual(sent, [[false, true], [false]], name);
    }
  });

  describe('generators', () => {
    let folder = '';
    beforeAll(async () => {
      folder = await mkdtemp(path.join(import.meta.dirname, '.generated-'));
      const sdl = await fetch(url.replace('/graphql', '/schema.graphql'));
      await writeFile(path.join(folder, 'schema.graphql'), await sdl.text());
      await mkdir(path.join(folder, 'src'));
    });
    afterAll(() => rm(folder, { recursive: true, force: true }));
    const sources = (files: Record<string, string>): Promise<unknown> =>
      Promise.all(Object.entries(files).map(([name, text]) => writeFile(path.join(folder, name), text)));
    const compilerOptions = {
      strict: true,
      noEmit: true,
      module: 'nodenext',
      target: 'es2023',
      lib: ['es2024', 'dom'],
      types: [],
      skipLibCheck: true,
      allowImportingTsExtensions: true,
    };
    /** The errors of tsc, one per line. */
    const types = async (): Promise<string[]> =>
      run(path.join(BIN, '../typescript/bin/tsc'), ['-p', folder, '--pretty', 'false'], { cwd: folder }).then(
        () => [],
        ({ stdout }: { stdout: string }) => stdout.trim().split('\n'),
      );

    it('caches: the command writes the committed file from a running product', async () => {
      const out = path.join(folder, 'src/cache.ts');
      await run(process.execPath, [
        path.join(import.meta.dirname, 'cache.mjs'),
        '--schema',
        url.replace('/graphql', '/schema.graphql'),
        '--out',
        out,
      ]);
      const written = await readFile(out, 'utf8');
      assert.equal(written, cacheModule(await readFile(path.join(ROOT, 'schema/api.graphql'), 'utf8')));
      assert.match(written, /"MatchEvent": \[\s+"CardShown"/);
      assert.match(written, /Score: \(\) => null/);
      await rm(out);
    });

    it('gql.tada', async () => {
      await sources({
        'tsconfig.json': JSON.stringify({
          compilerOptions: {
            ...compilerOptions,
            plugins: [
              { name: 'gql.tada/ts-plugin', schema: 'schema.graphql', tadaOutputLocation: 'src/graphql-env.d.ts' },
            ],
          },
          include: ['src'],
        }),
        'src/graphql.ts':
          "import { initGraphQLTada } from 'gql.tada';\nimport type { introspection } from './graphql-env.d.ts';\n\nexport const graphql = initGraphQLTada<{ introspection: introspection; scalars: { DateTime: string } }>();\n",
        'src/page.ts':
          "import type { ResultOf } from 'gql.tada';\nimport { graphql } from './graphql.ts';\nconst Page = graphql('query Page($id: ID!) { team(id: $id) { name createdAt } }');\nexport const nameOf = (page: ResultOf<typeof Page>): string | undefined => page.team?.name;\nexport const wrong = (page: ResultOf<typeof Page>): unknown => page.team?.nickname;\n",
      });
      await run(path.join(BIN, 'gql.tada'), ['generate-output'], { cwd: folder });
      assert.deepEqual(
        (await types()).map((line) => line.replace(/ on type .*/, '')),
        ["src/page.ts(5,75): error TS2339: Property 'nickname' does not exist"],
      );
    });

    it('relay-compiler, and Relay with a deferred fragment', async () => {
      await sources({
        'relay.config.json': JSON.stringify({
          src: './src',
          schema: './schema.graphql',
          language: 'typescript',
          eagerEsModules: true,
          customScalarTypes: { DateTime: 'string' },
        }),
        'src/Page.ts':
          'import { graphql } from \'relay-runtime\';\n\nexport const Page = graphql`\n  query PageQuery($id: ID!) {\n    team(id: $id) { name ...Page_count @defer(label: "count") }\n  }\n`;\nexport const Count = graphql`\n  fragment Page_count on Team { memberCount }\n`;\n',
      });
      await mkdir(path.join(folder, 'src/__generated__'));
      await run(path.join(BIN, 'relay-compiler'), [], { cwd: folder });
      const artifact = path.join(folder, 'src/__generated__/PageQuery.graphql.ts');
      assert.match(await readFile(artifact, 'utf8'), /readonly name: string/);
      const { default: query } = (await import(artifact)) as { default: ConcreteRequest };
      const environment = new Environment({
        network: createNetwork(url, socket),
        store: new Store(new RecordSource()),
      });
      const operation = createOperationDescriptor(query, { id: teamId });
      const seen: unknown[] = [];
      await new Promise<void>((resolve, reject) => {
        environment
          .execute({ operation })
          .subscribe({
            next: () =>
              seen.push([
                environment.lookup(operation.fragment).data,
                environment.getStore().getSource().get(teamId)?.['memberCount'],
              ]),
            complete: resolve,
            error: reject,
          });
      });
      const [first, last] = [seen[0], seen.at(-1)] as [[{ team: { name: string } }, unknown], [unknown, unknown]];
      assert.deepEqual([first[0].team.name, first[1], last[1]], ['Yard Foxes', undefined, 1]);
    });

    it('codegen', async () => {
      const { generate } = await import('@graphql-codegen/cli');
      const guide = await readFile(path.join(ROOT, 'docs/frontend.md'), 'utf8');
      // The configuration from the guide, in this folder.
      await sources({
        'codegen.ts': /^import type \{ CodegenConfig \}[^]*?^```$/m.exec(guide)?.[0].slice(0, -3) ?? '',
      });
      const { default: given } = (await import(path.join(folder, 'codegen.ts'))) as { default: CodegenConfig };
      await sources({
        'src/page.ts':
          "import { graphql } from './generated/gql.ts';\nexport const Page = graphql(`query Page($id: ID!) { team(id: $id) { name createdAt } }`);\n",
        'tsconfig.json': JSON.stringify({ compilerOptions, include: ['src/page.ts'] }),
      });
      await generate({ ...given, schema: 'schema.graphql', cwd: folder, silent: true }, true);
      assert.match(
        await readFile(path.join(folder, 'src/generated/graphql.ts'), 'utf8'),
        /export type PageQuery = .*name: string, createdAt: string/,
      );
    });
  });

  it('are in the guide exactly as they are tested', async () => {
    const guide = await readFile(path.join(ROOT, 'docs/frontend.md'), 'utf8');
    const blocks = [...guide.matchAll(/^\/\/ (examples\/\S+)\n([^]*?)^```$/gm)];
    assert.ok(blocks.length === 3, `${blocks.length} blocks`);
    for (const [, file = '', text = ''] of blocks)
      assert.ok((await readFile(path.join(ROOT, file), 'utf8')).includes(text), `${file} differs from the guide`);
  });
});
