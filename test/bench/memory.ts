import type { Context, Figure, Row } from './figure.ts';

export const memory: Figure = {
  title: 'Memory of the worker process under all of the above',
  async run(context: Context) {
    if (context.memory.length === 0)
      throw new Error('no figure before this one ran a worker; run it together with others');
    return [
      {
        measure: `peak resident memory of ${context.memory.length} workers`,
        value: Math.max(...context.memory),
        unit: 'MB',
        wanted: { atMost: 250 },
      },
    ] satisfies Row[];
  },
};
