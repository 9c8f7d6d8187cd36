// Folders that import each other, on whatever way round: neither can then be understood, tested or moved without the
// other. Types count too, because a reader follows them like any import. dependency-cruiser knows circles between
// files; of folders it takes all that is below one together, with its tests, which may import whatever they test.
import { globSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

const TEST_CODE = /\.(spec|fixture|testing)\.ts$|contract[^/]*\.ts$|(^|\/)test\//;

/**
 * @param {readonly string[]} folders that are looked at, with all below them
 * @param {string} root where they are
 * @returns {string[]} a line for each circle; none only when there is none
 */
export function importCircles(folders, root) {
  const imports = importsBetweenFolders(folders, root);
  const circles = new Map();
  for (const [from, targets] of imports) {
    for (const to of targets.keys()) {
      const back = shortestWay(imports, to, from);
      if (!back) continue;
      const circle = [from, ...back];
      const key = [...new Set(circle)].sort().join();
      if (!circles.has(key)) circles.set(key, circle);
    }
  }
  // The short ones, and of the others only what these do not contain a part of: one wrong import closes dozens.
  const told = new Set();
  return [...circles.values()]
    .sort((one, other) => one.length - other.length)
    .flatMap((circle) => {
      const steps = circle.slice(1).map((to, index) => `${circle[index]} ${to}`);
      if (steps.some((step) => told.has(step))) return [];
      for (const step of steps) told.add(step);
      const because = circle.slice(1).map((to, index) => imports.get(circle[index]).get(to));
      return [`${circle.join(' → ')}: ${because.join('; ')}`];
    });
}

/** Map from folder to folder to one of the imports, in words. */
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

/** The folders on the way, both ends included; undefined when there is none. */
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
