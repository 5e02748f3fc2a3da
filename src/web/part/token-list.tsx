/** Tokens by which programs come in. */
import { answered } from '../client/api-failure.ts';
import { getTokens } from '../client/api.ts';
import { useQuery } from '../client/query.ts';
import { FailureNote } from './failure-note.tsx';
import { Moment } from './moment.tsx';

export function TokenList() {
  const { data, error } = useQuery({
    queryKey: ['tokens'],
    queryFn: ({ signal }) => answered(getTokens({ signal })),
  });
  return (
    <section class="panel" aria-labelledby="tokens-title">
      <h2 id="tokens-title">Tokens of programs</h2>
      {error && <FailureNote error={error} />}
      {data?.tokens.length === 0 && (
        <p class="quiet">
          There are none. <code>segmentd token add NAME</code> makes one.
        </p>
      )}
      {data && data.tokens.length > 0 && (
        <div class="wide-table">
          <table class="plain-table cards">
            <thead>
              <tr>
                <th scope="col">Name</th>
                <th scope="col">Role</th>
                <th scope="col">Made by</th>
                <th scope="col">Made</th>
                <th scope="col">Ends</th>
                <th scope="col">Last used</th>
              </tr>
            </thead>
            <tbody>
              {data.tokens.map((token) => (
                <tr key={token.name}>
                  <td dir="auto">{token.name}</td>
                  <td>{token.role}</td>
                  <td dir="auto">{token.created_by}</td>
                  <td>
                    <Moment at={token.created_at} />
                  </td>
                  <td>{token.expires_at === null ? 'never' : <Moment at={token.expires_at} />}</td>
                  <td>{token.used_at === null ? 'never' : <Moment at={token.used_at} />}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
