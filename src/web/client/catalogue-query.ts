/** The words of the team's tables: they change with the config, not while a page is open. */
import { answered } from './api-failure.ts';
import { getCatalogue, type Catalogue } from './api.ts';
import { useQuery } from './query.ts';

export function useCatalogue() {
  return useQuery<Catalogue>({
    queryKey: ['catalogue'],
    queryFn: ({ signal }) => answered(getCatalogue({ signal })),
    staleTime: 300_000,
  });
}
