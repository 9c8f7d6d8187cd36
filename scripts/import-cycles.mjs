// Finds import cycles between folders. Folders that import each other, directly or through others, cannot be
// understood, tested or moved separately. Imports of types count too, because a reader follows them like any import.
// dependency-cruiser finds cycles between files. For folders it would count everything below a folder, including the
// tests, which may import what they test.
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

const TEST_CODE = /\.(spec|fixture|testing)\.ts$|contract[^/]*\.ts$|(^|\/)test\//;

/**
 * Finds cycles between folders.
 * @param {readonly string[]} folders to search, with everything below them
 * @param {string} root the directory that contains them
 * @returns {string[]} lines about cycles: not about every cycle, but empty only when there is none
 */
export function importCycles(folders, root) {
  const imports = importsBetweenFolders(folders, root);
  const cycles = new Map();
  for (const [from, targets] of imports) {
    for (const to of targets.keys()) {
      const back = shortestWay(imports, to, from);
      if (!back) continue;
      const cycle = [from, ...back];
      const key = [...new Set(cycle)].sort().join();
      if (!cycles.has(key)) cycles.set(key, cycle);
    }
  }
  // One wrong import can close dozens of cycles. So a cycle is reported only if no shorter reported cycle shares a step
  // with it.
  const reported = new Set();
  return [...cycles.values()]
    .sort((one, other) => one.length - other.length)
    .flatMap((cycle) => {
      const steps = cycle.slice(1).map((to, index) => `${cycle[index]} ${to}`);
      if (steps.some((step) => reported.has(step))) return [];
      for (const step of steps) reported.add(step);
      const because = cycle.slice(1).map((to, index) => imports.get(cycle[index]).get(to));
      return [`${cycle.join(' → ')}: ${because.join('; ')}`];
    });
}

/** For each folder, the folders that it imports, each with the text of one such import. */
function importsBetweenFolders(folders, root) {
  const files = globSync(
    folders.map((folder) => `${folder}/**/*.{ts,mjs}`),
    { cwd: root, exclude: (name) => name === 'node_modules' || name === 'generated' },
  )
    .map((file) => file.replaceAll('\\', '/'))
    .filter((file) => !TEST_CODE.test(file))
    .sort();
  const known = new Set(files);
  const imports = new Map();
  for (const file of files) {
    const from = path.posix.dirname(file);
    for (const { fileName } of ts.preProcessFile(readFileSync(path.join(root, file), 'utf8'), true, true)
      .importedFiles) {
      const target = path.posix.join(from, fileName);
      const to = path.posix.dirname(target);
      if (!fileName.startsWith('.') || to === from || !known.has(target)) continue;
      if (!imports.has(from)) imports.set(from, new Map());
      if (!imports.get(from).has(to)) imports.get(from).set(to, `${file} imports ${target}`);
    }
  }
  return imports;
}

/** The folders on the shortest path, both ends included; undefined when there is no path. */
function shortestWay(imports, from, to) {
  const before = new Map([[from, undefined]]);
  for (const folder of before.keys()) {
    if (folder === to) {
      const way = [];
      for (let at = to; at !== undefined; at = before.get(at)) way.unshift(at);
      return way;
    }
    for (const next of imports.get(folder)?.keys() ?? []) if (!before.has(next)) before.set(next, folder);
  }
  return undefined;
}
