// A subscription as the response pane shows it: a growing list of events, each with its seq and the time at which it
// was received.

const MOST_EVENTS = 100;
/**
 * The most characters of all shown events together. Above it the oldest events are not shown, because the pane
 * highlights its whole text again on each change. The newest event is always shown.
 */
const MOST_CHARACTERS = 200_000;
/** The pause between two updates of the pane. Events that arrive meanwhile are in the next update. */
const PAUSE_MS = 50;

/**
 * Follows a subscription over a client of graphql-ws. After a lost connection it resumes: it sets the variable
 * `$afterSeq` to the last `seq`, if the operation has that variable, and drops events that it has already shown.
 * @param variables of the operation, already filled in
 * @returns states of the pane, the newest event last; `return()` unsubscribes
 */
export function follow(
  client,
  { query, operationName, variables },
  { now = Date.now, mostEvents = MOST_EVENTS, mostCharacters = MOST_CHARACTERS, pauseMs = PAUSE_MS } = {},
) {
  // graphql-ws serialises the payload again for each connection, so a changed variable takes effect.
  const sent = { ...variables };
  const canResume = /\$afterSeq\b/.test(query);
  const events = [];
  let characters = 0;
  let received = 0;
  let lastSeq;
  let isCatchingUp = false;
  let state = 'connecting';
  let errors;
  let isOver = false;
  let hasNews = true;
  let shownAt = -Infinity;
  let wake = () => undefined;

  const news = (change) => {
    change();
    hasNews = true;
    wake();
  };
  const leave = () => {
    for (const off of listeners.splice(0)) off();
  };
  const end = (how, why) => {
    leave();
    news(() => {
      isOver = true;
      state = how;
      errors = why;
    });
  };

  const listeners = [
    client.on('connected', () => news(() => (state = 'live'))),
    client.on('closed', (event) => {
      if (isOver) return;
      isCatchingUp = true;
      news(() => (state = `connection lost (${wordsOf(event)}), connecting again`));
    }),
  ];
  const dispose = client.subscribe(
    { query, operationName, variables: sent },
    {
      next: (result) => {
        const seq = seqOf(result.data);
        if (isCatchingUp && seq !== undefined && lastSeq !== undefined) {
          if (seq <= lastSeq) return;
          isCatchingUp = false;
        }
        if (seq !== undefined) {
          lastSeq = seq;
          if (canResume) sent.afterSeq = seq;
        }
        news(() => {
          // If the connection is already open for other subscriptions, there is no `connected` event.
          state = 'live';
          received++;
          const event = { ...(seq !== undefined && { seq }), time: clock(now()), ...result };
          const size = JSON.stringify(event).length;
          events.push({ event, size });
          characters += size;
          while (events.length > mostEvents || (characters > mostCharacters && events.length > 1))
            characters -= events.shift().size;
        });
      },
      error: (error) => end('ended', Array.isArray(error) ? error : [{ message: wordsOf(error) }]),
      complete: () => end('ended'),
    },
  );
  if (isOver) leave();

  const picture = () => ({
    ...(variables && Object.keys(variables).length > 0 && { variables }),
    received,
    ...(received > events.length && { notShown: received - events.length }),
    events: events.map(({ event }) => event),
    // The state is last, next to the newest event, because readers look there.
    stream: state,
    ...(errors && { errors }),
  });

  return {
    async next() {
      while (!hasNews && !isOver) await new Promise((resolve) => (wake = resolve));
      if (!hasNews) return { done: true, value: undefined };
      const rest = shownAt + pauseMs - performance.now();
      if (rest > 0) await new Promise((resolve) => setTimeout(resolve, rest));
      if (!hasNews) return { done: true, value: undefined };
      shownAt = performance.now();
      hasNews = false;
      return { done: false, value: picture() };
    },
    async return() {
      isOver = true;
      hasNews = false;
      leave();
      dispose();
      wake();
      return { done: true, value: undefined };
    },
    [Symbol.asyncIterator]() {
      return this;
    },
  };
}

/** The seq of the subscription's only field. Undefined when the subscription does not select it. */
function seqOf(data) {
  const seq = Object.values(data ?? {})[0]?.seq;
  return typeof seq === 'number' ? seq : undefined;
}

/** The local time with 24 hours and milliseconds. */
const clock = (time) => {
  const date = new Date(time);
  return new Date(time - date.getTimezoneOffset() * 60_000).toISOString().slice(11, 23);
};

const wordsOf = (problem) =>
  problem?.code
    ? `${problem.code}${problem.reason ? ` ${problem.reason}` : ''}`
    : String(problem?.message || 'the connection failed');
