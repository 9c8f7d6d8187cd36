import { routePattern, type ServedRoute } from '../../platform/edge/routes.ts';
import { defaultUrlOf, type Registry, routesOf } from '../../platform/manifest/manifest.ts';
import { withSection } from './section.ts';

/**
 * kong.yml with the public routes of the subgraphs. Each route has its own service, because Kong sets timeouts per
 * service and not per route.
 */
export function kongWith(text: string, registry: Registry): string {
  return withSection(
    text,
    'public routes',
    routesOf(registry)
      .map((route) => service(route, registry))
      .join('\n'),
  );
}

function service(
  { service: name, method, path, maxBodyBytes, timeoutMs, rateLimit }: ServedRoute,
  registry: Registry,
): string {
  const subgraph = registry[name];
  const port = subgraph ? new URL(defaultUrlOf(subgraph)).port : '';
  const id = `${method.toLowerCase()}${path.replaceAll('/', '-').replaceAll(':', '')}`;
  return `  - name: ${name}-${id}
    url: http://${name}:${port}
    connect_timeout: 2000
    write_timeout: ${timeoutMs}
    read_timeout: ${timeoutMs}
    retries: 0
    routes:
      - name: ${id}
        paths: ['~${routePattern(path)}$']
        methods: [${method}, OPTIONS]
        strip_path: false
        preserve_host: true
        plugins:
          - name: rate-limiting
            config:
              minute: ${rateLimit.minute}
${rateLimit.hour === undefined ? '' : `              hour: ${rateLimit.hour}\n`}              limit_by: ip
              policy: local
          - name: request-size-limiting
            config:
              allowed_payload_size: ${maxBodyBytes}
              size_unit: bytes
              require_content_length: false
`;
}
