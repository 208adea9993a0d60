// The few XML documents that clients send to S3. No DTD, no namespaces, no processing instructions but the declaration:
// what is not of this form is refused, which also keeps out entities that refer to files.

import { AwsError } from '../wire/aws-error.js';

export interface XmlElement {
  readonly name: string;
  readonly text: string;
  readonly children: readonly XmlElement[];
}

interface OpenElement {
  readonly name: string;
  text: string;
  readonly children: XmlElement[];
}

const TOKEN =
  /<\?xml[^>]*\?>|<!--[\s\S]*?-->|<\/([\w.-]+)\s*>|<([\w.-]+)(?:\s+[\w:.-]+\s*=\s*(?:"[^"<]*"|'[^'<]*'))*\s*(\/?)>|([^<]+)/y;
const MAX_DEPTH = 16;

/** @throws AwsError MalformedXML */
export function readXml(text: string): XmlElement {
  const root: OpenElement = { name: '', text: '', children: [] };
  const open: OpenElement[] = [root];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < text.length) {
    const match = TOKEN.exec(text);
    const current = open.at(-1);
    if (match === null || current === undefined) throw malformed();
    const [, closed, opened, isEmpty, content] = match;
    if (content !== undefined) current.text += decodeEntities(content);
    if (opened !== undefined) {
      const element: OpenElement = { name: opened, text: '', children: [] };
      current.children.push(element);
      if (isEmpty === '') open.push(element);
      if (open.length > MAX_DEPTH) throw malformed();
    }
    if (closed !== undefined && open.pop()?.name !== closed) throw malformed();
  }
  const [element] = root.children;
  if (open.length !== 1 || root.children.length !== 1 || element === undefined || root.text.trim() !== '') {
    throw malformed();
  }
  return element;
}

/** Text of the first child of that name. */
export function findXmlText(element: XmlElement, name: string): string | undefined {
  return element.children.find((child) => child.name === name)?.text;
}

function decodeEntities(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|(\w+));/gi, (whole, decimal, hex, name) => {
    if (name !== undefined) return ENTITIES[String(name)] ?? whole;
    const code = decimal === undefined ? Number.parseInt(String(hex), 16) : Number(decimal);
    if (code > 0x10_ff_ff) throw malformed();
    return String.fromCodePoint(code);
  });
}

const ENTITIES: Readonly<Record<string, string>> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };

function malformed(): AwsError {
  return new AwsError(
    'MalformedXML',
    'The XML you provided was not well-formed or did not validate against our published schema',
  );
}
