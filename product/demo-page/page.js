/* global graphqlWs */
// Runs in the browser. It uses the API as any other client does. Imports are relative to its address, /demo/page.js.
import { createSession } from '../explorer/session.js';
import { fetchAs, signInBar } from '../explorer/sign-in.js';
import { follow } from '../explorer/stream.js';

const config = JSON.parse(document.getElementById('config').textContent);
const element = (id) => document.getElementById(id);

const showState = signInBar(element('sign-in'), config, {
  signIn: (person) => session.signIn(person),
  signOut: () => session.signOut(),
});
/** The person whose data the page shows. Undefined for a guest. */
let viewer;
let socket;
const session = createSession({
  fetch: (...request) => fetch(...request),
  onChange(state) {
    showState(state);
    const now = state.is === 'signed in' ? state.person : undefined;
    // A renewed token is no other person.
    if (now === viewer) return;
    viewer = now;
    // The streams of the previous person end.
    void socket?.dispose();
    socket = undefined;
    element('inbox-list').replaceChildren();
    if (viewer) run('inbox', showInbox);
    else tell('inbox', '');
  },
});

class Refusal extends Error {
  constructor({ message, code, extensions }) {
    super(message);
    this.code = code ?? extensions?.code;
  }
}

async function ask(query, variables) {
  const response = await fetchAs(session, '/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query, variables }),
  });
  const { data, errors } = await response.json();
  if (errors) throw new Refusal(errors[0]);
  return data;
}

/** Runs a mutation, and returns its payload. It throws the first user error like any other error. */
async function change(field, input, selection) {
  const type = `${field[0].toUpperCase()}${field.slice(1)}Input`;
  const { payload } = await ask(
    `mutation ($input: ${type}!) { payload: ${field}(input: $input) { ${selection} userErrors { code message } } }`,
    { input },
  );
  if (payload.userErrors.length > 0) throw new Refusal(payload.userErrors[0]);
  return payload;
}

/** Yields each event of a subscription with one field. After a lost connection it resumes after the last `seq`. */
async function* events(query, variables) {
  socket ??= graphqlWs.createClient({
    url: new URL('/graphql', location.href).href.replace(/^http/, 'ws'),
    lazy: true,
    retryAttempts: 10,
    shouldRetry: () => true,
    connectionParams: async () => ({ authorization: `Bearer ${await session.token()}` }),
  });
  let seen = -1;
  for await (const picture of follow(socket, { query, variables })) {
    for (const { seq, data, errors } of picture.events) {
      if (errors) throw new Refusal(errors[0]);
      if (seq <= seen) continue;
      seen = seq;
      yield Object.values(data)[0];
    }
    if (picture.errors) throw new Refusal(picture.errors[0]);
  }
}

function tell(id, text, isProblem = false) {
  const status = element(`${id}-status`);
  status.textContent = text;
  status.classList.toggle('problem', isProblem);
}

/** Does the work for a person, and shows why it failed. What it shows after another person has signed in is dropped. */
async function run(id, work) {
  const person = viewer;
  const isCurrent = () => person === viewer;
  try {
    await work({ tell: (text) => isCurrent() && tell(id, text), isCurrent });
  } catch (error) {
    if (isCurrent()) tell(id, error.code ? `${error.code}: ${error.message}` : error.message, true);
  }
}

/** A press does nothing while the work of the previous one runs. The button stays focused, so it is not disabled. */
function onPress(button, id, work) {
  let isBusy = false;
  button.addEventListener('click', async () => {
    if (isBusy) return;
    isBusy = true;
    button.setAttribute('aria-disabled', 'true');
    if (viewer) await run(id, work);
    else tell(id, 'Sign in first: the buttons are at the top of the page.', true);
    button.removeAttribute('aria-disabled');
    isBusy = false;
  });
}

// The inbox.

const NOTIFICATIONS = `{
  unreadNotificationCount
  notifications(first: 8) { seq edges { node { id text createdAt readAt } } }
}`;
const INBOX = 'subscription ($afterSeq: Int) { notificationEvents(afterSeq: $afterSeq) { seq } }';

async function loadInbox({ tell, isCurrent }) {
  const { unreadNotificationCount: unread, notifications } = await ask(NOTIFICATIONS);
  if (!isCurrent()) return undefined;
  const nodes = notifications.edges.map(({ node }) => node);
  element('inbox-list').replaceChildren(
    ...nodes.map(({ text, createdAt, readAt }) => {
      const item = document.createElement('li');
      const words = document.createElement(readAt ? 'span' : 'strong');
      words.textContent = `${new Date(createdAt).toLocaleTimeString()} ${text}`;
      item.append(words);
      return item;
    }),
  );
  tell(`${unread >= 100 ? '100 or more' : unread} unread`);
  await closeShown(new Set(nodes.filter(({ readAt }) => readAt).map(({ id }) => id)));
  return notifications.seq;
}

async function showInbox(at) {
  const afterSeq = await loadInbox(at);
  if (!at.isCurrent()) return;
  for await (const _ of events(INBOX, { afterSeq })) await loadInbox(at);
}

onPress(element('inbox-read'), 'inbox', async (at) => {
  const { notifications } = await ask(NOTIFICATIONS);
  await change('markNotificationsRead', { allUntilSeq: notifications.seq }, 'unreadNotificationCount');
  await loadInbox(at);
});

// Push messages.

const worker = () => navigator.serviceWorker?.getRegistration('/demo/');

/** Closes the notifications on this device that were read elsewhere. */
async function closeShown(read) {
  for (const shown of (await (await worker())?.getNotifications()) ?? [])
    if ((shown.data?.notificationIds ?? '').split(' ').every((id) => read.has(id))) shown.close();
}

onPress(element('push-on'), 'push', async ({ tell }) => {
  if (!('serviceWorker' in navigator && 'PushManager' in window))
    throw new Error('This browser shows no push messages, or the page was not opened at localhost or by HTTPS.');
  if ((await Notification.requestPermission()) !== 'granted')
    throw new Error('The browser was not allowed to show notifications. Its settings of this page can allow it.');
  await navigator.serviceWorker.register('/demo/push.js');
  const registration = await navigator.serviceWorker.ready;
  const { pushKey: applicationServerKey } = await ask('{ pushKey }');
  const subscription = await registration.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey });
  const { endpoint, keys } = subscription.toJSON();
  const { device } = await change(
    'registerDevice',
    { clientId: crypto.randomUUID(), name: 'Browser of the demo', web: { endpoint, ...keys } },
    'device { id }',
  );
  sessionStorage.setItem('deviceId', device.id);
  tell(`This browser shows the push messages of ${viewer.label}. Ask for a report to get one.`);
});

onPress(element('push-off'), 'push', async ({ tell }) => {
  const registration = await worker();
  await (await registration?.pushManager.getSubscription())?.unsubscribe();
  const deviceId = sessionStorage.getItem('deviceId');
  if (deviceId) await change('unregisterDevice', { deviceId }, 'deviceId');
  sessionStorage.removeItem('deviceId');
  tell('This browser shows no push messages.');
});

// The teams.

const TEAMS = `query ($tournamentId: ID!) {
  tournament(id: $tournamentId) {
    entries(first: 20) { edges { node { team { name logo { publicUrl(size: SMALL) } } } } }
  }
}`;

async function showTeams() {
  const { tournament } = await ask(TEAMS, { tournamentId: await newestCup() });
  const teams = tournament.entries.edges.map(({ node }) => node.team);
  element('teams-list').replaceChildren(
    ...teams.map(({ name, logo }) => {
      const item = document.createElement('li');
      // The name is beside the picture, so the picture needs no other text.
      if (logo) item.append(Object.assign(new Image(64, 64), { src: logo.publicUrl, alt: '' }));
      item.append(name);
      return item;
    }),
  );
  tell('teams', teams.length === 0 ? 'The teams enter the cup in a moment.' : '');
}

const loadTeams = () => showTeams().catch((error) => tell('teams', error.message, true));
element('teams-load').addEventListener('click', loadTeams);
void loadTeams();

// A report.

async function newestCup() {
  const { tournaments } = await ask(
    'query ($city: String) { tournaments(city: $city, last: 1) { edges { node { id } } } }',
    { city: config.city },
  );
  const id = tournaments.edges[0]?.node.id;
  if (!id) throw new Error('The cup begins in a moment. Try again.');
  return id;
}

const REPORTS = `subscription ($afterSeq: Int) {
  reportEvents(afterSeq: $afterSeq) { seq reportId state percent report { failure } }
}`;

onPress(element('report-write'), 'report', async ({ tell, isCurrent }) => {
  const bar = element('report-progress');
  element('report-file').replaceChildren();
  bar.value = 0;
  const { myReports } = await ask('{ myReports(first: 1) { seq } }');
  const { report } = await change(
    'requestReport',
    { clientId: crypto.randomUUID(), kind: 'TOURNAMENT', subjectId: await newestCup(), format: 'PDF' },
    'report { id state }',
  );
  let state = report.state;
  if (state !== 'DONE')
    for await (const event of events(REPORTS, { afterSeq: myReports.seq })) {
      if (event.reportId !== report.id) continue;
      state = event.state;
      bar.value = event.percent;
      tell(`${state}: ${event.percent} %`);
      if (!['QUEUED', 'RUNNING'].includes(state)) {
        if (state !== 'DONE') throw new Error(`${state}: ${event.report?.failure ?? ''}`);
        break;
      }
    }
  const { report: done } = await ask('query ($id: ID!) { report(id: $id) { url pages bytes } }', { id: report.id });
  if (!isCurrent()) return;
  bar.value = 100;
  tell('DONE. The link works for five minutes.');
  const link = Object.assign(document.createElement('a'), {
    href: done.url,
    textContent: `The report of the cup: ${done.pages} pages, ${Math.ceil(done.bytes / 1000)} kB`,
  });
  element('report-file').replaceChildren(link);
});

// A mailing.

const MAILING = `subscription ($mailingId: ID!, $afterSeq: Int) {
  mailingEvents(mailingId: $mailingId, afterSeq: $afterSeq) {
    seq
    state
    reason
    counts { total sent failed skipped waiting }
  }
}`;
const letter = async () => ({
  about: await newestCup(),
  subject: element('mailing-subject').value,
  text: element('mailing-text').value,
});

onPress(element('mailing-preview'), 'mailing', async ({ tell, isCurrent }) => {
  const { preview, audience } = await change(
    'previewMailing',
    await letter(),
    'preview { subject text } audience { people unsubscribed }',
  );
  if (!isCurrent()) return;
  element('mailing-shown').textContent = `${preview.subject}\n\n${preview.text}`;
  element('mailing-shown').hidden = false;
  tell(`${audience.people} people, of whom ${audience.unsubscribed} get no mailings by e-mail.`);
});

onPress(element('mailing-send'), 'mailing', async ({ tell }) => {
  const bar = element('mailing-progress');
  bar.value = 0;
  const clientId = crypto.randomUUID();
  const { mailing } = await change('createMailing', { clientId, ...(await letter()) }, 'mailing { id }');
  await change('startMailing', { mailingId: mailing.id }, 'mailing { state }');
  for await (const { state, reason, counts } of events(MAILING, { mailingId: mailing.id, afterSeq: 0 })) {
    const { total, sent, failed, skipped, waiting } = counts;
    bar.max = total ?? 1;
    bar.value = (total ?? 0) - waiting;
    tell(`${reason ?? state}: ${sent} sent, ${failed} failed, ${skipped} skipped, ${waiting} waiting`);
    if (['FINISHED', 'CANCELLED', 'STOPPED'].includes(state) || reason === 'LATER') return;
  }
});

// A text by a language model.

const MATCHES = `query ($competition: String) {
  over: matches(competition: $competition, state: CONFIRMED, last: 1) { edges { node { id } } }
  all: matches(competition: $competition, last: 1) { edges { node { id } } }
}`;
const TEXT = `subscription ($clientId: String!, $afterSeq: Int) {
  generationEvents(clientId: $clientId, afterSeq: $afterSeq) {
    __typename
    seq
    ... on TextAdded { text }
    ... on GenerationFinished { generation { text } }
  }
}`;

onPress(element('text-write'), 'text', async ({ tell, isCurrent }) => {
  const shown = element('text-shown');
  shown.hidden = true;
  shown.textContent = '';
  const { over, all } = await ask(MATCHES, { competition: config.competition });
  const match = (over.edges[0] ?? all.edges[0])?.node;
  if (!match) throw new Error('The cup begins in a moment. Try again.');
  const clientId = crypto.randomUUID();
  await change(
    'writeMatchReport',
    { clientId, matchId: match.id, language: 'EN', wait: false },
    'generation { state }',
  );
  tell('The text is being written.');
  for await (const event of events(TEXT, { clientId, afterSeq: 0 })) {
    if (!isCurrent()) return;
    shown.hidden = false;
    if (event.__typename === 'TextAdded') shown.textContent += event.text;
    if (event.__typename === 'TextDiscarded') shown.textContent = '';
    if (event.__typename !== 'GenerationFinished') continue;
    shown.textContent = event.generation.text;
    tell('The text is complete.');
    return;
  }
});
