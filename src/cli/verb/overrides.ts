/** `overrides KEY`: who was added, included or excluded, one a line; constant memory however many. */
import type { Override } from '../../index.ts';
import { overrideText } from '../override-text.ts';
import type { Verb } from '../verb.ts';
import type { Session } from '../verb-session.ts';

export const overrides: Verb = (command, run) => {
  command.argument('<key>').action(
    run(async (session, key: string) => {
      await session.output.stream(pages(session, key), (page) => page.map(overrideText), `${key} has no overrides.`);
    }),
  );
};

const PAGE = 1_000;

async function* pages(session: Session, key: string): AsyncGenerator<readonly Override[], void, void> {
  for (let after: string | undefined; ;) {
    const page = await session
      .segmentd()
      .overrides.list(key, { limit: PAGE, ...(after === undefined ? {} : { after }) });
    yield page;
    after = page.at(-1)?.contactId;
    if (page.length < PAGE) return;
  }
}
