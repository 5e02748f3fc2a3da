/** The page's server as the verbs start it: at the address of the settings, for the person at this terminal or those who come in otherwise. */
import { userInfo } from 'node:os';
import { authOf } from '../http/auth/auth-setting.ts';
import { createPageServer, type PageServer } from '../http/page-server.ts';
import type { AccessRole, Segmentd } from '../index.ts';
import type { Session } from './verb-session.ts';

export interface PageFlags {
  /** Of the person that the printed link signs in; default `admin`. */
  readonly role?: AccessRole;
}

export function servePage(session: Session, segmentd: Segmentd, { role = 'admin' }: PageFlags): PageServer {
  return createPageServer({
    segmentd,
    at: session.settings.listen,
    log: session.log,
    owner: { name: userInfo().username, role },
    auth: authOf(session.settings),
    sessionHours: session.settings.sessionHours,
  });
}
