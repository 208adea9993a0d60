import type { NormalizedSchema } from '@smithy/core/schema';
import { writeScalar } from './scalar.js';

/** Writes the members of an operation's output as XML elements, without the element around them. */
export function writeXmlMembers(schema: NormalizedSchema, output: unknown): string {
  if (schema.isUnitSchema() || output === undefined) return '';
  return writeStruct(schema, output as Record<string, unknown>);
}

export function writeXmlElement(name: string, content: string): string {
  return `<${name}>${content}</${name}>`;
}

/** Escapes text for XML. Characters that XML 1.0 cannot carry at all (a console's control codes) become U+FFFD. */
export function escapeXml(text: string): string {
  return text.replace(UNREPRESENTABLE, '�').replace(/[&<>"\r]/g, (character) => ENTITIES[character] ?? character);
}

const UNREPRESENTABLE = new RegExp('[^\\t\\n\\r\\u0020-\\uD7FF\\uE000-\\uFFFD\\u{10000}-\\u{10FFFF}]', 'gu');
// A bare carriage return is read back as a newline by every XML parser.
const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  '\r': '&#xD;',
};

function writeStruct(schema: NormalizedSchema, struct: Readonly<Record<string, unknown>>): string {
  let xml = '';
  for (const [member, memberSchema] of schema.structIterator()) {
    const value = struct[member];
    if (value === undefined) continue;
    const name = memberSchema.getMemberTraits().xmlName ?? member;
    xml += writeMember(name, memberSchema, value);
  }
  return xml;
}

function writeMember(name: string, schema: NormalizedSchema, value: unknown): string {
  const isFlat = Boolean(schema.getMergedTraits().xmlFlattened);
  if (schema.isListSchema()) {
    const item = schema.getValueSchema();
    const itemName = isFlat ? name : (item.getMergedTraits().xmlName ?? 'member');
    const items = (value as readonly unknown[]).map((entry) => writeMember(itemName, item, entry)).join('');
    return isFlat ? items : writeXmlElement(name, items);
  }
  if (schema.isMapSchema()) return writeMap(name, schema, value as Readonly<Record<string, unknown>>);
  if (schema.isStructSchema()) return writeXmlElement(name, writeStruct(schema, value as Record<string, unknown>));
  return writeXmlElement(name, escapeXml(writeScalar(schema, value)));
}

function writeMap(name: string, schema: NormalizedSchema, map: Readonly<Record<string, unknown>>): string {
  const isFlat = Boolean(schema.getMergedTraits().xmlFlattened);
  const keyName = schema.getKeySchema().getMergedTraits().xmlName ?? 'key';
  const valueName = schema.getValueSchema().getMergedTraits().xmlName ?? 'value';
  const entries = Object.entries(map)
    .map(([key, value]) =>
      writeXmlElement(
        isFlat ? name : 'entry',
        writeXmlElement(keyName, escapeXml(key)) + writeMember(valueName, schema.getValueSchema(), value),
      ),
    )
    .join('');
  return isFlat ? entries : writeXmlElement(name, entries);
}
