// A subscription as the response pane shows it: a list of events that grows, each with its seq and the time at which it
// was received.

const MOST_EVENTS = 100;
/** Of all events shown, in characters: the pane colours its text anew each time. */
const MOST_CHARACTERS = 200_000;
/** Between two pictures; what is received meanwhile is in the next one. */
const PAUSE_MS = 50;

/**
 * Follows a subscription over a client of graphql-ws. After a lost connection it goes on where it was: the variable
 * `$afterSeq` gets the last `seq`, if the operation has that variable, and events that were seen before are left out.
 * @param variables of the operation; already filled in
 * @returns pictures of the stream, the newest event last; `return()` leaves the stream
 */
export function follow(
  client,
  { query, operationName, variables },
  { now = Date.now, mostEvents = MOST_EVENTS, mostCharacters = MOST_CHARACTERS, pauseMs = PAUSE_MS } = {},
) {
  // graphql-ws writes the payload anew at each connection.
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
          // An open connection that serves others announces itself to nobody again.
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
    // Last, beside the newest event: that is where a reader looks.
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

/** Of the one field of a subscription; undefined when it does not select `seq`. */
function seqOf(data) {
  const seq = Object.values(data ?? {})[0]?.seq;
  return typeof seq === 'number' ? seq : undefined;
}

/** Of the client's clock, 24 hours and milliseconds. */
const clock = (time) => {
  const date = new Date(time);
  return new Date(time - date.getTimezoneOffset() * 60_000).toISOString().slice(11, 23);
};

const wordsOf = (problem) =>
  problem?.code
    ? `${problem.code}${problem.reason ? ` ${problem.reason}` : ''}`
    : String(problem?.message || 'the connection failed');
