import path from 'node:path';
import { ROOT } from './prepare.mjs';

/**
 * What Node is given to run one project of jest.config.mjs.
 * @param {string} project
 * @param {readonly string[]} args of Jest
 */
export const jest = (project, args) =>
  // The project comes last: of what follows this option, Jest would take every path for a project.
  [
    '--import',
    path.join(ROOT, 'loader.mjs'),
    path.join(ROOT, 'node_modules/jest/bin/jest.js'),
    ...args,
    `--selectProjects=${project}`,
  ];
