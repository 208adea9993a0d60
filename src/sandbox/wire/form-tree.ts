import { AwsError } from './aws-error.js';

/** A request of the query protocols: `Filter.1.Value.2=x` is a path of names with a value at its end. */
export interface FormNode {
  value?: string;
  readonly children: Map<string, FormNode>;
}

// EC2 refuses requests over 10,000 parameters or so; ours only has to be small enough not to be worth attacking.
const MAX_PARAMETERS = 10_000;
const MAX_DEPTH = 16;

// Sent with every request and part of no operation's input.
const COMMON_PARAMETERS = new Set(['Action', 'Version']);

/**
 * Reads a form body into a tree. Empty values are left out: Packer 1.6.6 sends `SubnetId=` for what it was not told, and
 * EC2 takes that for absent.
 */
export function parseFormTree(form: URLSearchParams): FormNode {
  const root: FormNode = { children: new Map() };
  let count = 0;
  for (const [path, value] of form) {
    if (++count > MAX_PARAMETERS) throw new AwsError('RequestTooLarge', 'The request has too many parameters');
    if (value === '' || COMMON_PARAMETERS.has(path)) continue;
    const names = path.split('.');
    if (names.length > MAX_DEPTH) throw new AwsError('UnknownParameter', `The parameter ${path} is not recognized`);
    addNode(root, names).value = value;
  }
  return root;
}

function addNode(root: FormNode, names: readonly string[]): FormNode {
  let node = root;
  for (const name of names) {
    const child = node.children.get(name) ?? { children: new Map() };
    node.children.set(name, child);
    node = child;
  }
  return node;
}
