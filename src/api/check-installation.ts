/** What doctor finds in the database, the catalogue and the queue, the worst findings first. Findings hold no secrets. */
import { worstFirst, type Finding } from '../audit/finding.ts';
import { withoutSecrets } from '../base/secret.ts';
import { readPublication } from '../catalogue/published-catalogue.ts';
import { readBacklog } from '../membership/backlog.ts';
import type { Pool } from '../postgres/pool.ts';
import { SHARED_CONNECTIONS, SHARED_CONNECTIONS_FIX, SharedConnections } from '../postgres/pooler.ts';
import type { Connection } from './connection.ts';
import { readQueueHealth } from './queue-health.ts';

export async function checkInstallation(connection: Connection): Promise<readonly Finding[]> {
  const { doctor } = await import('../audit/doctor.ts');
  let pool: Pool;
  try {
    pool = await connection.pool();
  } catch (error) {
    if (error instanceof SharedConnections)
      return [{ level: 'fail', sentence: SHARED_CONNECTIONS, fix: SHARED_CONNECTIONS_FIX }];
    throw error;
  }
  const { catalogue, misfits } = await connection.fitting();
  const findings = [...(await doctor(pool, catalogue, { misfits })), ...(await missingPublication(pool))];
  const { queueFindings } = await import('../audit/doctor-queue.ts');
  const { redisFacts } = await import('../queue/redis.ts');
  const { redisUrl } = connection.options;
  const facts = redisUrl === undefined ? undefined : await redisFacts(redisUrl);
  return worstFirst([...findings, ...queueFindings(await readQueueHealth(connection), facts)]).map((finding) => ({
    ...finding,
    sentence: withoutSecrets(finding.sentence),
    ...(finding.fix === undefined ? {} : { fix: withoutSecrets(finding.fix) }),
  }));
}

/** An installation that is older than published catalogues has triggers and no catalogue. */
async function missingPublication(pool: Pool): Promise<readonly Finding[]> {
  const { installed } = await readBacklog(pool).catch(() => ({ installed: false }));
  if (!installed || (await readPublication(pool)) !== undefined) return [];
  return [
    {
      level: 'fail',
      sentence: 'No catalogue is published in this database, so no worker starts.',
      fix: 'segmentd install',
    },
  ];
}
