import type { EventLog } from './event-log.ts';

/**
 * An event log that uses the given log, with a prefix before the names of its topics and groups in the broker. Several
 * deployments or test runs can share a broker without seeing each other.
 */
export function prefixed(log: EventLog, prefix: string): EventLog {
  if (prefix === '') return log;
  const there = (topic: string): string => prefix + topic;
  const here = <E extends { readonly topic: string }>(event: E): E => ({
    ...event,
    topic: event.topic.slice(prefix.length),
  });
  return {
    ensureTopics: (topics) => log.ensureTopics(topics.map(({ name, ...rest }) => ({ name: there(name), ...rest }))),
    append: (events) => log.append(events.map((event) => ({ ...event, topic: there(event.topic) }))),
    consume: ({ group, topics, handler, handleAll }) =>
      log.consume({
        group: prefix + group,
        topics: topics.map(there),
        handler: (event) => handler(here(event)),
        handleAll: handleAll && ((events) => handleAll(events.map(here))),
      }),
    tail: ({ topics, handler, onInterrupted }) =>
      log.tail({ topics: topics.map(there), handler: (event) => handler(here(event)), onInterrupted }),
    settled: () => log.settled(),
    ping: () => log.ping(),
    close: () => log.close(),
  };
}
