/** `serve`: the page and the HTTP API, until a signal. Prints a link that signs in once, or the address of the page. */
import { once } from 'node:events';
import { Option } from 'commander';
import { ACCESS_ROLES } from '../../access/person.ts';
import type { AccessRole } from '../../index.ts';
import type { Verb } from '../verb.ts';

export const serve: Verb = (command, run) => {
  command
    .addOption(
      new Option('--role <role>', 'of the person that the printed link signs in')
        .choices(ACCESS_ROLES)
        .default('admin'),
    )
    .action(
      run(
        async (session, { role }: { readonly role: AccessRole }) => {
          const { servePage } = await import('../page-service.ts');
          const { API_PATH } = await import('../../http/http-app.ts');
          const { signal } = session.io;
          const server = servePage(session, session.segmentd(), { role });
          try {
            await server.start();
            // A printed link opens one session; programs send a token.
            await session.output.document(`${server.signInLink()}\n`);
            await session.note('Programs send a token; segmentd token add NAME makes one:');
            await session.note(`curl -H "Authorization: Bearer TOKEN" ${server.url ?? ''}${API_PATH}/segments`);
            if (!signal.aborted) await once(signal, 'abort');
          } finally {
            await server.stop();
          }
        },
        { graceful: true },
      ),
    );
};
