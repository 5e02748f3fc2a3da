/** What doctor finds on the queue: whether it answers, and on Redis whether it keeps its jobs. Reads only. */
import type { RebuildQueueHealth } from '../queue/rebuild-queue.ts';
import type { RedisFacts } from '../queue/redis.ts';
import type { Finding } from './finding.ts';

const OLDEST_REDIS = [6, 2] as const;

export function queueFindings(health: RebuildQueueHealth, redis: RedisFacts | undefined): readonly Finding[] {
  const place = health.backend === 'redis' ? 'Redis' : 'Postgres';
  if (health.elsewhere) return [{ level: 'ok', sentence: health.message ?? '' }];
  if (health.hidden)
    return [
      {
        level: 'ok',
        sentence: `The queue of rebuilds is on ${place}; this role may not read it; the role of the worker must.`,
      },
    ];
  if (!health.ok) {
    const fix =
      health.backend === 'redis'
        ? 'start Redis, or fix REDIS_URL; until then rebuilds go without it'
        : 'segmentd migrate';
    return [{ level: 'fail', sentence: health.message ?? 'The queue does not answer.', fix }];
  }
  const findings: Finding[] = [{ level: 'ok', sentence: `The queue of rebuilds on ${place} answers.` }];
  if (health.failed > 0)
    findings.push({
      level: 'warn',
      sentence: `${health.failed} of the last jobs of the queue failed.`,
      fix: 'segmentd status',
    });
  if (!redis) return findings;
  const { version, policy, persistent, replica } = redis;
  if (isOlder(version))
    findings.push({
      level: 'fail',
      sentence: `This is Redis ${version}; the queue needs ${OLDEST_REDIS.join('.')} or newer.`,
      fix: 'update Redis',
    });
  if (replica)
    findings.push({
      level: 'fail',
      sentence: 'This Redis is a replica: the queue must be on the primary.',
      fix: 'point REDIS_URL at the primary',
    });
  if (policy !== undefined && policy !== 'noeviction') {
    findings.push({
      level: 'warn',
      sentence: `Redis evicts keys when its memory is full (maxmemory-policy ${policy}), keys of the queue too: rebuilds are then late.`,
      fix: 'redis-cli config set maxmemory-policy noeviction',
    });
  }
  if (!persistent) {
    findings.push({
      level: 'ok',
      sentence: 'Redis keeps nothing over a restart: rebuilds are then queued again, a moment later.',
      fix: 'redis-cli config set appendonly yes',
    });
  }
  return findings;
}

function isOlder(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major < OLDEST_REDIS[0] || (major === OLDEST_REDIS[0] && minor < OLDEST_REDIS[1]);
}
