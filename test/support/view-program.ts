/** The live view alone, as a program in a terminal: a moment that does not change. SIGTERM ends it in order, SIGUSR2 makes it fail. */
import { startView } from '../../src/dev/view/view.ts';
import { manySegments, VIEW_SNAPSHOT } from './drawn.ts';

const view = startView({
  snapshot: async () => ({ ...VIEW_SNAPSHOT, segments: manySegments(30) }),
  heading: { title: ['sample shop'], connect: `psql 'postgres://127.0.0.1:5432/shop'` },
  keys: process.stdin,
  onEnd: () => console.log('asked to end'),
  every: 20,
});
process.on('SIGTERM', () => void view.stop());
process.on('SIGUSR2', () =>
  setImmediate(() => {
    throw new Error('it broke');
  }),
);
