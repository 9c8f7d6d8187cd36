/* global React, ReactDOM, GraphiQL, graphqlWs */
// Runs in the browser. GraphiQL gets its own fetcher, so that subscriptions and queries send the same token.
import { fillIn, timed } from './answers.js';
import { createSession } from './session.js';
import { follow } from './stream.js';

const config = JSON.parse(document.getElementById('config').textContent);
const url = new URL('/graphql', location.href);
const socketUrl = new URL(url);
socketUrl.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';

let showState = () => undefined;
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

/** A request that was refused with 401 was not executed. It is sent once more with a new token. */
async function authorizedFetch(input, init) {
  if (authorizationIn(init.headers)) return fetch(input, init);
  const send = (token) =>
    fetch(input, { ...init, headers: { ...init.headers, ...(token && { authorization: `Bearer ${token}` }) } });
  const token = await session.token();
  const response = await send(token);
  if (response.status !== 401 || !token) return response;
  const another = await session.refused(token);
  return another ? send(another) : response;
}

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

async function fetcher(params, options = {}) {
  if (isSubscription(params, options.documentAST)) {
    showsStream = true;
    const variables = await fillIn(config.variables, params, ask);
    return follow(socketFor(authorizationIn(options.headers)), { ...params, variables });
  }
  showsStream = false;
  const answer = await overHttp(params, options);
  return answer?.[Symbol.asyncIterator] ? timed(answer) : answer;
}

const WORDS = {
  guest: () => 'You are a guest. Sign in as',
  'signing in': ({ person }) => `Signing in as ${person.label} …`,
  'signed in': ({ problem }) =>
    problem ? `The token cannot be renewed now (${problem}); trying again. Signed in as` : 'Signed in as',
  'signed out': ({ person, problem }) => `${person.label} is signed out (${problem}). You are a guest. Sign in as`,
};

function signInBar() {
  const bar = document.getElementById('sign-in');
  if (config.signIn.length === 0) return;
  bar.hidden = false;
  const text = document.createElement('span');
  text.setAttribute('role', 'status');
  const buttons = config.signIn.map((person) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = person.label;
    button.addEventListener(
      'click',
      () => void (button.getAttribute('aria-pressed') === 'true' ? session.signOut() : session.signIn(person)),
    );
    return button;
  });
  showState = (state) => {
    text.textContent = WORDS[state.is](state);
    bar.classList.toggle('problem', state.problem !== undefined);
    for (const [index, button] of buttons.entries()) {
      button.setAttribute('aria-pressed', String(state.is === 'signed in' && state.person === config.signIn[index]));
    }
  };
  showState({ is: 'guest' });
  bar.append(text, ...buttons);
}

/**
 * CodeMirror scrolls to the top after each change. This keeps the scroll position: at the end of the stream for a user
 * who is there, or at the older event that the user reads.
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

signInBar();
const root = document.getElementById('graphiql');
ReactDOM.createRoot(root).render(
  React.createElement(GraphiQL, {
    fetcher,
    ...(config.defaultQuery ? { defaultQuery: config.defaultQuery } : {}),
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
