import type { RenderedFile } from './rendered-file.js';
import { renderText, type TextTemplates } from './text-template.js';

/** A file of templates/ that is not one: shell that is right as it stands, so that linters see what runs. */
export function copyTemplate(path: string, name: string, templates: TextTemplates): RenderedFile {
  const isScript = name.endsWith('.sh');
  return {
    path,
    mode: isScript ? 0o755 : 0o644,
    content: { text: templates.get(name) ?? renderText(templates, name, {}) },
  };
}
