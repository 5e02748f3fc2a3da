/** `pull DIR`: writes the current segments into a folder, one a file; A file that is up to date stays as it is; a segment that could not be read back is left out. */
import { resolve } from 'node:path';
import type { Verb } from '../verb.ts';

export const pull: Verb = (command, run) => {
  command
    .argument('<folder>')
    .option('--prune', 'remove the files of segments that are not there any more')
    .action(
      run(async (session, folder: string, flags: { readonly prune?: boolean }) => {
        const pulled = await session.segmentd().definitions.pull(resolve(session.io.cwd, folder), flags);
        for (const { key, why } of pulled.leftOut ?? []) await session.note(`left out: ${key}: ${why}`);
        if (pulled.leftOut)
          await session.note('repair these segments before apply --prune, which deletes segments without a file');
        await session.output.print(pulled, () => [
          ...pulled.written.map((file) => `wrote ${file}`),
          ...pulled.orphaned.map((file) =>
            flags.prune ? `removed ${file}` : `${file}: there is no such segment any more (--prune removes it)`,
          ),
          `${pulled.written.length} written, ${pulled.unchanged} unchanged`,
        ]);
      }),
    );
};
