import kafkajs from 'kafkajs';
import type { Admin } from 'kafkajs';
import type { Topic } from '../event-log.ts';

const RETENTION = 'retention.ms';
const DAY_MS = 86_400_000;
/** Kafka's DYNAMIC_TOPIC_CONFIG: set for this topic, neither the broker's nor a default. */
const SET_FOR_TOPIC = 1;

/** -1 is for ever; without an entry the broker's own, usually a week, would hold. */
export function configOf({ retentionDays }: Topic): { name: string; value: string }[] {
  return [{ name: RETENTION, value: retentionDays === null ? '-1' : String(retentionDays * DAY_MS) }];
}

/** Corrects topics whose retention differs; what else was set for them stays, which the request would otherwise put back to defaults. */
export async function setRetention(admin: Admin, topics: readonly Topic[]): Promise<void> {
  if (topics.length === 0) return;
  // Not a named export as Node sees that CommonJS module.
  const type = kafkajs.ConfigResourceTypes.TOPIC;
  const { resources } = await admin.describeConfigs({ resources: topics.map(({ name }) => ({ type, name })), includeSynonyms: false });
  const changes = topics.flatMap((topic) => {
    const entries = resources.find(({ resourceName }) => resourceName === topic.name)?.configEntries ?? [];
    const [wanted] = configOf(topic);
    if (entries.some(({ configName, configValue }) => configName === RETENTION && configValue === wanted?.value)) return [];
    const others = entries.filter(({ configName, configSource }) => configName !== RETENTION && Number(configSource) === SET_FOR_TOPIC);
    return [{ type, name: topic.name, configEntries: [...others.map(({ configName, configValue }) => ({ name: configName, value: configValue })), ...configOf(topic)] }];
  });
  if (changes.length > 0) await admin.alterConfigs({ resources: changes, validateOnly: false });
}
