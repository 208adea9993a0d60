import { schemaText } from './generated/schema-text.js';

/** The JSON Schema (draft 7) of a config, for editors. */
export function getSchemaText(): string {
  return schemaText;
}
