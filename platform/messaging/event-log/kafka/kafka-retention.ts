import kafkajs from 'kafkajs';
import type { Admin } from 'kafkajs';
import type { Topic } from '../event-log.ts';

const HOUR_MS = 3_600_000;
/** Kafka's DYNAMIC_TOPIC_CONFIG: set for this topic, neither the broker's nor a default. */
const SET_FOR_TOPIC = 1;

/**
 * -1 is for ever; without an entry the broker's own, usually a week, would hold. Kafka compacts segments that are
 * closed only: how soon an event gives way beyond its hours is the broker's `segment.ms`.
 */
export function configOf({ retentionHours, cleanup }: Topic): { name: string; value: string }[] {
  const ms = retentionHours === null ? '-1' : String(retentionHours * HOUR_MS);
  return [
    { name: 'cleanup.policy', value: cleanup },
    { name: cleanup === 'compact' ? 'min.compaction.lag.ms' : 'retention.ms', value: ms },
  ];
}

/**
 * Corrects topics that keep their events in another way; what else was set for them stays, which the request would
 * otherwise put back to defaults.
 */
export async function setRetention(admin: Admin, topics: readonly Topic[]): Promise<void> {
  // Not a named export as Node sees that CommonJS module.
  const type = kafkajs.ConfigResourceTypes.TOPIC;
  const { resources } = await admin.describeConfigs({
    resources: topics.map(({ name }) => ({ type, name })),
    includeSynonyms: false,
  });
  const changes = topics.flatMap((topic) => {
    const entries = resources.find(({ resourceName }) => resourceName === topic.name)?.configEntries ?? [];
    const wanted = configOf(topic);
    if (
      wanted.every(({ name, value }) =>
        entries.some(({ configName, configValue }) => configName === name && configValue === value),
      )
    )
      return [];
    const others = entries.filter(
      ({ configName, configSource }) =>
        !wanted.some(({ name }) => name === configName) && Number(configSource) === SET_FOR_TOPIC,
    );
    return [
      {
        type,
        name: topic.name,
        configEntries: [
          ...others.map(({ configName, configValue }) => ({ name: configName, value: configValue })),
          ...wanted,
        ],
      },
    ];
  });
  if (changes.length > 0) await admin.alterConfigs({ resources: changes, validateOnly: false });
}
