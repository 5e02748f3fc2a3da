/** What a request without a known person gets: a refusal that says how to sign in. */
import type { AuthWay } from '../../base/access-option.ts';
import { Refusal } from '../problem.ts';

const TOKEN = 'send `Authorization: Bearer TOKEN` (`segmentd token add NAME` makes one)';

const SENTENCES: Readonly<Record<AuthWay, string>> = {
  loopback: `You are not signed in: ${TOKEN}, or open the link that \`segmentd serve\` printed.`,
  proxy: `You are not signed in: ${TOKEN}, or come through the proxy in front of this server.`,
  oidc: `You are not signed in: ${TOKEN}, or open /sign-in in a browser.`,
};

/** The data of the refusal has the address at which a browser signs in, where there is one. */
export function signedOut(way: AuthWay = 'loopback'): Refusal {
  return new Refusal(401, 'signed-out', SENTENCES[way], {
    headers: { 'www-authenticate': 'Bearer' },
    data: { auth: way, sign_in: way === 'oidc' ? '/sign-in' : null },
  });
}
