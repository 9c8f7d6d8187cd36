/* global React, ReactDOM, GraphiQL, graphqlWs */
// Runs in the browser. GraphiQL gets its own fetcher, so that subscriptions and queries send the same token.
import { fillIn, timed } from './answers.js';
import { createSession } from './session.js';
import { fetchAs, signInBar } from './sign-in.js';
import { follow } from './stream.js';

const config = JSON.parse(document.getElementById('config').textContent);
const url = new URL('/graphql', location.href);
const socketUrl = new URL(url);
socketUrl.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';

const showState = signInBar(document.getElementById('sign-in'), config, {
  signIn: (person) => session.signIn(person),
  signOut: () => session.signOut(),
});
let socket;
const session = createSession({
  fetch: (...request) => fetch(...request),
  onChange(state, token) {
    showState(state);
    // After a sign-in or sign-out the user is somebody else, so the streams of the previous user end. A new token of
    // the same user is sent over the open socket.
    if (!socket || socket.header) return;
    if (state.is !== 'signed in') leaveSocket();
    else if (token !== socket.token && socket.open?.readyState === WebSocket.OPEN) {
      socket.token = token;
      socket.open.send(JSON.stringify({ type: 'ping', payload: { token } }));
    }
  },
});

/** The value of the headers editor. It takes precedence over the sign-in buttons. */
const authorizationIn = (headers) =>
  Object.entries(headers ?? {}).find(([name]) => name.toLowerCase() === 'authorization')?.[1];

/** The router closes a socket with these codes when it refuses the token. */
const REFUSALS = [4401, 4403];

function leaveSocket() {
  void socket?.client.dispose();
  socket = undefined;
}

/** The one socket of the page. It uses the headers editor's value or, without one, the tokens of the signed-in user. */
function socketFor(header) {
  if (socket && socket.header === header) return socket.client;
  leaveSocket();
  const mine = { header, token: undefined, open: undefined };
  mine.client = graphqlWs.createClient({
    url: socketUrl.href,
    lazy: true,
    retryAttempts: 10,
    connectionParams: async () => {
      if (header) return { authorization: header };
      mine.token = await session.token();
      return mine.token ? { authorization: `Bearer ${mine.token}` } : {};
    },
    // A refused token is not sent again. The session renews it first, or the user is signed out.
    shouldRetry: (event) => !(header && REFUSALS.includes(event?.code)),
    on: {
      opened: (open) => (mine.open = open),
      closed: ({ code }) => {
        if (mine.token && REFUSALS.includes(code)) void session.refused(mine.token);
      },
    },
  });
  socket = mine;
  return mine.client;
}

const authorizedFetch = (input, init) =>
  authorizationIn(init.headers) ? fetch(input, init) : fetchAs(session, input, init);

const overHttp = GraphiQL.createFetcher({ url: url.href, fetch: authorizedFetch });

async function ask(query) {
  const response = await authorizedFetch(url, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query }),
  });
  return response.json();
}

function isSubscription(params, document) {
  const operations = document?.definitions.filter((definition) => definition.kind === 'OperationDefinition') ?? [];
  const chosen = operations.find(
    (operation) => !params.operationName || operation.name?.value === params.operationName,
  );
  return chosen?.operation === 'subscription';
}

let showsStream = false;

async function fetcher(asked, options = {}) {
  showsStream = isSubscription(asked, options.documentAST);
  const params = { ...asked, variables: await fillIn(config.variables, asked, ask) };
  if (showsStream) return follow(socketFor(authorizationIn(options.headers)), params);
  const answer = await overHttp(params, options);
  return answer?.[Symbol.asyncIterator] ? timed(answer) : answer;
}

/**
 * CodeMirror scrolls to the top after each change. This function keeps the scroll position: at the end of the stream
 * for a user who is there, or at the older event that the user reads.
 */
function keepPlace(pane) {
  let place;
  pane.on('beforeChange', () => {
    const { top, height, clientHeight } = pane.getScrollInfo();
    place = { top, isAtEnd: top + clientHeight >= height - 40 };
  });
  pane.on('changes', () => {
    if (showsStream) pane.scrollTo(null, place.isAtEnd ? pane.getScrollInfo().height : place.top);
  });
}

const root = document.getElementById('graphiql');
ReactDOM.createRoot(root).render(
  React.createElement(GraphiQL, {
    fetcher,
    ...(config.defaultQuery ? { defaultQuery: config.defaultQuery } : {}),
    ...(config.examples.length > 0
      ? { defaultTabs: [config.defaultQuery, ...config.examples].map((query) => ({ query })) }
      : {}),
    defaultEditorToolsVisibility: true,
    shouldPersistHeaders: false,
  }),
);
const panes = new MutationObserver(() => {
  const pane = root.querySelector('.result-window .CodeMirror')?.CodeMirror;
  if (!pane) return;
  panes.disconnect();
  keepPlace(pane);
});
panes.observe(root, { childList: true, subtree: true });
