/* global React, ReactDOM, GraphiQL, graphqlWs */
// Runs in the browser: GraphiQL with a fetcher of its own, since subscriptions and queries must carry the same token.
const config = JSON.parse(document.getElementById('config').textContent);
const url = new URL('/graphql', location.href);
const socketUrl = new URL(url);
socketUrl.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';

let signedInToken;
let socket;
let socketAuthorization;

/** The headers editor wins over the sign-in buttons. */
function authorizationOf(headers) {
  const name = Object.keys(headers).find((key) => key.toLowerCase() === 'authorization');
  if (name) return headers[name];
  return signedInToken ? `Bearer ${signedInToken}` : undefined;
}

function socketFor(authorization) {
  if (socket && socketAuthorization === authorization) return socket;
  socket?.dispose();
  socketAuthorization = authorization;
  socket = graphqlWs.createClient({ url: socketUrl.href, lazy: true, retryAttempts: 2, connectionParams: () => (authorization ? { authorization } : {}) });
  return socket;
}

async function post(params, headers, authorization) {
  const response = await fetch(url, {
    method: 'POST',
    headers: { ...headers, ...(authorization ? { authorization } : {}), 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(params),
  });
  return response.json();
}

function isSubscription(params, document) {
  const operations = document?.definitions.filter((definition) => definition.kind === 'OperationDefinition') ?? [];
  const chosen = operations.find((operation) => !params.operationName || operation.name?.value === params.operationName);
  return chosen?.operation === 'subscription';
}

/** A closed socket as a result that GraphiQL shows instead of an empty pane. */
async function* events(client, params) {
  try {
    yield* client.iterate(params);
  } catch (error) {
    yield { errors: Array.isArray(error) ? error : [{ message: error?.reason ? `${error.reason} (${error.code})` : String(error?.message ?? 'the connection was lost') }] };
  }
}

function fetcher(params, { headers = {}, documentAST } = {}) {
  const authorization = authorizationOf(headers);
  return isSubscription(params, documentAST) ? events(socketFor(authorization), params) : post(params, headers, authorization);
}

function signInBar() {
  const bar = document.getElementById('sign-in');
  if (config.signIn.length === 0) return;
  bar.hidden = false;
  const state = document.createElement('span');
  state.textContent = 'Anonymous. Sign in as';
  const buttons = config.signIn.map(({ label, tokenUrl }) => {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = label;
    button.setAttribute('aria-pressed', 'false');
    button.addEventListener('click', async () => {
      const out = button.getAttribute('aria-pressed') === 'true';
      for (const other of buttons) other.setAttribute('aria-pressed', 'false');
      signedInToken = undefined;
      state.textContent = 'Anonymous. Sign in as';
      if (out) return;
      try {
        const response = await fetch(tokenUrl, { method: 'POST' });
        const { access_token: token } = await response.json();
        if (!response.ok || typeof token !== 'string') throw new Error(`status ${response.status}`);
        signedInToken = token;
        button.setAttribute('aria-pressed', 'true');
        state.textContent = 'Signed in as';
      } catch (error) {
        state.textContent = `Signing in as ${label} failed: ${error.message}. Sign in as`;
      }
    });
    return button;
  });
  bar.append(state, ...buttons);
}

signInBar();
ReactDOM.createRoot(document.getElementById('graphiql')).render(
  React.createElement(GraphiQL, { fetcher, ...(config.defaultQuery ? { defaultQuery: config.defaultQuery } : {}), defaultEditorToolsVisibility: true, shouldPersistHeaders: false }),
);
