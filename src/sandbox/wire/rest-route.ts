// The REST protocols name an operation by method, path and, in S3, literal parts of the query: `POST /{Key+}?uploads`.

import { AwsError } from './aws-error.js';

/** An operation's http trait, as every REST client of the SDK has it. */
export interface HttpTrait {
  readonly method: string;
  /** For example `/snapshots/{SnapshotId}/blocks`; `{Key+}` takes slashes too. */
  readonly path: string;
  /** Status of the reply when all went well. */
  readonly status: number;
}

export interface Route {
  readonly action: string;
  /** The path's labels, decoded, by the member they are bound to. */
  readonly labels: Readonly<Record<string, string>>;
}

export interface RoutedOperation {
  readonly name: string;
  readonly http: HttpTrait | undefined;
}

/** What finds the operation of a request: of those that fit, the one that asks for most. */
export function createRouter(
  operations: Iterable<RoutedOperation>,
): (request: { readonly method: string; readonly url: string }) => Route | undefined {
  const routes = [...operations]
    .flatMap(({ name, http }) => (http === undefined ? [] : [compileRoute(name, http)]))
    .sort((one, other) => other.weight - one.weight);
  return ({ method, url }) => {
    const [path = '/', query = ''] = url.split('?', 2);
    const parameters = new URLSearchParams(query);
    for (const route of routes) {
      const match = route.method === method && route.query.every((fits) => fits(parameters)) && route.path.exec(path);
      if (match) return { action: route.action, labels: decodeLabels(match.groups ?? {}) };
    }
    return undefined;
  };
}

interface CompiledRoute {
  readonly action: string;
  readonly method: string;
  readonly path: RegExp;
  readonly query: readonly ((parameters: URLSearchParams) => boolean)[];
  readonly weight: number;
}

function compileRoute(action: string, { method, path }: HttpTrait): CompiledRoute {
  const [pattern = '/', literals = ''] = path.split('?', 2);
  const segments = pattern.split('/').map((segment) => /^\{(\w+)(\+?)\}$/.exec(segment) ?? segment);
  const source = segments.map((segment) => {
    if (typeof segment === 'string') return segment.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    const [, label, greedy] = segment;
    return `(?<${label}>${greedy === '+' ? '.+' : '[^/]+'})`;
  });
  // The JavaScript SDK alone sends x-id, for its own logs.
  const query = [...new URLSearchParams(literals)].filter(([name]) => name !== 'x-id');
  const literalSegments = segments.filter((segment) => typeof segment === 'string').length;
  return {
    action,
    method,
    path: new RegExp(`^${source.join('/')}$`),
    query: query.map(
      ([name, value]) =>
        (given) =>
          value === '' ? given.has(name) : given.get(name) === value,
    ),
    weight: query.length * 100 + literalSegments,
  };
}

function decodeLabels(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  try {
    return Object.fromEntries(Object.entries(labels).map(([name, value]) => [name, decodeURIComponent(value)]));
  } catch {
    throw new AwsError('ValidationException', 'The path of the request is not valid percent-encoding');
  }
}
