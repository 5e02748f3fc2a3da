import { expect, test } from 'vitest';
import { howCalled, howStarted } from '../../src/cli/how-called.ts';

const CLONE = '/home/ana/segmentd/src/cli/main.ts';
const BINARY = '/usr/local/bin/segmentd';

test.each([
  [
    'npm start of a clone',
    { npm_package_name: 'segmentd', npm_lifecycle_event: 'start' },
    CLONE,
    'npm run -s segmentd --',
  ],
  [
    'npm run segmentd -- dev',
    { npm_package_name: 'segmentd', npm_lifecycle_event: 'segmentd' },
    CLONE,
    'npm run -s segmentd --',
  ],
  ['tsx src/cli/main.ts dev', {}, CLONE, 'npm run -s segmentd --'],
  [
    'npx segmentd dev',
    { npm_lifecycle_event: 'npx', npm_package_name: 'shop' },
    '/shop/node_modules/.bin/segmentd',
    'npx segmentd',
  ],
  [
    'npm start of a project',
    { npm_lifecycle_event: 'start', npm_package_name: 'shop' },
    '/shop/node_modules/.bin/segmentd',
    'npx segmentd',
  ],
  ['pnpm exec', { npm_config_user_agent: 'pnpm/10.1.0 npm/? node/v22.1.0 linux x64' }, BINARY, 'pnpm exec segmentd'],
  [
    'yarn',
    { npm_config_user_agent: 'yarn/4.1.0 npm/? node/v22.1.0', npm_lifecycle_event: 'segmentd' },
    BINARY,
    'yarn segmentd',
  ],
  ['installed globally or linked', {}, BINARY, 'segmentd'],
  ['the file itself', {}, '/home/ana/segmentd/dist/cli/main.js', 'node /home/ana/segmentd/dist/cli/main.js'],
])('%s', (_how, environment, script, command) => {
  expect(howCalled(environment, script)).toBe(command);
});

test('how it was started, so that flags may follow', () => {
  expect(howStarted({ npm_package_name: 'segmentd', npm_lifecycle_event: 'start' }, CLONE)).toBe('npm start --');
  expect(howStarted({ npm_package_name: 'segmentd', npm_lifecycle_event: 'segmentd' }, CLONE)).toBe(
    'npm run -s segmentd -- dev',
  );
  expect(howStarted({ npm_package_name: 'shop', npm_lifecycle_event: 'start' }, BINARY)).toBe('npx segmentd dev');
  expect(howStarted({}, BINARY)).toBe('segmentd dev');
});
