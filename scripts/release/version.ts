const partsOf = (version: string): number[] => version.split('.').map(Number);

/**
 * Why a version cannot follow another by the rules of semver.org; undefined when it can.
 * @param newest the previous version; undefined when there is none
 */
export function refusal(version: string, newest: string | undefined, isBreaking: boolean): string | undefined {
  if (newest === undefined) return undefined;
  const [now, before] = [partsOf(version), partsOf(newest)];
  const raised = now.findIndex((part, index) => part !== before[index]);
  if (raised === -1 || (now[raised] ?? 0) < (before[raised] ?? 0))
    return `${version} is not higher than ${newest}, the newest version.`;
  const first = before[0] === 0 ? 1 : 0;
  if (isBreaking && raised > first)
    return `${version} after ${newest} says that no client breaks, but there are breaking changes: raise the ${first === 0 ? 'first' : 'second'} number.`;
  return undefined;
}
