import path from 'node:path';
import { ROOT } from './prepare.mjs';

/**
 * Arguments of Node to run one project of jest.config.mjs.
 * @param {string} project
 * @param {readonly string[]} args of Jest
 */
export const jest = (project, args) =>
  // `--selectProjects` takes several values, and Jest would read a path after it as a project's name. So this flag is
  // the last argument.
  [
    '--import',
    path.join(ROOT, 'loader.mjs'),
    path.join(ROOT, 'node_modules/jest/bin/jest.js'),
    ...args,
    `--selectProjects=${project}`,
  ];
