import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { cached, copyDependencies, isCached, javaProgram, missingJava, pomVersion } from './java.ts';
import { host } from './ports.ts';
import type { Ports } from './ports.ts';
import { run } from './processes.ts';
import type { Context, Service } from './service.ts';

const cacheName = `kafka-${pomVersion('kafka')}`;

// C1 and the serial collector almost halve the CPU time of a start (2.4 s instead of 4.3 s). A broker with them is fast
// enough for tests, but not for benchmarks.
const jvm = ['-Xmx256m', '-XX:+UseSerialGC', '-XX:TieredStopAtLevel=1', '-Dlog4j2.level=INFO'];

/** The folder with the broker's jars. They are downloaded once. */
export async function fetchKafka(): Promise<string> {
  return cached(cacheName, (folder) => copyDependencies('kafka', folder));
}

/** Apache Kafka: one broker that is its own controller (KRaft). */
export const kafka: Service = {
  name: 'kafka',
  patience: 120,
  missing: () => missingJava(isCached(cacheName)),
  async prepare({ dir, ports, say }: Context) {
    if (!isCached(cacheName)) say('fetching from Maven Central (43 MB)');
    const java = [...jvm, '-cp', `${await fetchKafka()}/*`];
    const settings = join(dir, 'server.properties');
    writeFileSync(settings, serverProperties(dir, ports));
    mkdirSync(join(dir, 'data'), { recursive: true });
    if (!existsSync(join(dir, 'data', 'meta.properties'))) {
      // The id must not begin with "-".
      const id = `k${Buffer.from(randomUUID().replaceAll('-', ''), 'hex').toString('base64url').slice(1)}`;
      await run(javaProgram() ?? 'java', [...java, 'kafka.tools.StorageTool', 'format', '-t', id, '-c', settings]);
    }
    return [
      {
        id: 'broker',
        command: javaProgram() ?? 'java',
        args: [...java, 'kafka.Kafka', settings],
        ports: [ports.kafka, ports.kafkaController],
      },
    ];
  },
};

function serverProperties(dir: string, ports: Ports): string {
  return `process.roles=broker,controller
node.id=1
controller.quorum.voters=1@${host}:${ports.kafkaController}
controller.listener.names=CONTROLLER
listeners=PLAINTEXT://${host}:${ports.kafka},CONTROLLER://${host}:${ports.kafkaController}
listener.security.protocol.map=PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT
log.dirs=${join(dir, 'data')}
auto.create.topics.enable=false
# the internal topics want three brokers by default, and would never be made on one
offsets.topic.replication.factor=1
offsets.topic.num.partitions=5
transaction.state.log.replication.factor=1
transaction.state.log.min.isr=1
transaction.state.log.num.partitions=5
share.coordinator.state.topic.replication.factor=1
share.coordinator.state.topic.min.isr=1
group.initial.rebalance.delay.ms=0
log.cleaner.backoff.ms=1000
# after kill -9 the broker may register again only when its old session has ended: 9 s by default
broker.heartbeat.interval.ms=500
broker.session.timeout.ms=4000
`;
}
