/** 405 for a known address that is asked by a method which it lacks. To be added after every other route. */
import type { HttpApi } from './http-env.ts';
import { Refusal } from './problem.ts';

export function refuseOtherMethods(api: HttpApi): void {
  const methods = new Map<string, string[]>();
  for (const definition of api.openAPIRegistry.definitions) {
    if (definition.type !== 'route') continue;
    const { path, method } = definition.route;
    methods.set(path, [...(methods.get(path) ?? []), method.toUpperCase()]);
  }
  for (const [path, known] of methods) {
    const allow = known.flatMap((method) => (method === 'GET' ? ['GET', 'HEAD'] : [method])).join(', ');
    api.all(path.replaceAll(/\{(\w+)\}/g, ':$1'), () => {
      throw new Refusal(405, 'wrong-method', `This address answers ${allow} only.`, { headers: { allow } });
    });
  }
}
