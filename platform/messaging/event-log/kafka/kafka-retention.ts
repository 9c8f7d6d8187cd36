import kafkajs from 'kafkajs';
import type { Admin } from 'kafkajs';
import type { Topic } from '../event-log.ts';

const HOUR_MS = 3_600_000;
/** Kafka's number for the source DYNAMIC_TOPIC_CONFIG: the setting was made for this topic, not for the broker. */
const SET_FOR_TOPIC = 1;

/**
 * The settings of a topic for Kafka. -1 means for ever. Without an entry the broker's default would apply, usually a
 * week. Kafka compacts only closed segments, so the broker's `segment.ms` decides how long a superseded event remains
 * after its hours.
 */
export function configOf({ retentionHours, cleanup }: Topic): { name: string; value: string }[] {
  const ms = retentionHours === null ? '-1' : String(retentionHours * HOUR_MS);
  return [
    { name: 'cleanup.policy', value: cleanup },
    { name: cleanup === 'compact' ? 'min.compaction.lag.ms' : 'retention.ms', value: ms },
  ];
}

/**
 * Corrects the retention of existing topics. The request resets settings that it does not contain, so it repeats the
 * topic's other settings.
 */
export async function setRetention(admin: Admin, topics: readonly Topic[]): Promise<void> {
  // `ConfigResourceTypes` is read from the default export, because Node does not see it as a named export of kafkajs.
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
